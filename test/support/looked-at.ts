/** What a browser knows of a page of cards that lies before it. */
export interface LookedAt {
  /** The large text of the first card. */
  readonly title: string;
  /** The page is darker than its texts. */
  readonly isDark: boolean;
  /** Texts of elements that reach beyond the screen or their card. */
  readonly tooWide: readonly string[];
  /** Texts that are shown in part only. */
  readonly cutOff: readonly string[];
  /** Texts whose contrast to what lies behind them is below 4.5, with the contrast. */
  readonly faint: readonly string[];
  /** Per picture: it has come and is seen. */
  readonly pictures: readonly boolean[];
  /** The texts that are on the screen before anybody scrolls. */
  readonly firstScreen: string;
}

/**
 * Evaluated in the page; its value is a {@link LookedAt}.
 *
 * @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
 */
export const LOOK_AT = String.raw`(() => {
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (walker.currentNode.data.trim() !== '') texts.push(walker.currentNode);

  const boxes = (text) => {
    const range = document.createRange();
    range.selectNodeContents(text);
    return [...range.getClientRects()].filter(({ width, height }) => width > 0 && height > 0);
  };
  const colorOf = (css) => {
    const [red, green, blue, alpha = 1] = css.match(/[\d.]+/g).map(Number);
    return { parts: [red, green, blue], alpha };
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const { parts, alpha } = colorOf(getComputedStyle(one).backgroundColor);
      if (alpha === 1) return parts;
    }
    return [255, 255, 255];
  };
  const luminance = (parts) => {
    const [red, green, blue] = parts.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (text) => {
    const back = luminance(behind(text.parentElement));
    const front = luminance(colorOf(getComputedStyle(text.parentElement).color).parts);
    return (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
  };
  const isClipped = (text) => {
    for (let one = text.parentElement; one && one !== document.body; one = one.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(one);
      if (overflowX !== 'visible' && one.scrollWidth > one.clientWidth) return true;
      if (overflowY === 'hidden' && one.scrollHeight > one.clientHeight) return true;
    }
    return false;
  };
  const card = document.querySelector('.card');
  const edge = Math.min(innerWidth, card.getBoundingClientRect().right);
  const inner = (element) => luminance(behind(element));
  const words = (list) => list.map((text) => text.data.trim());
  return {
    title: [...card.querySelectorAll('.large')].map((element) => element.innerText.trim()).join(),
    isDark: inner(document.body) < 0.2 && inner(card) < 0.2,
    tooWide: [
      ...(document.scrollingElement.scrollWidth > innerWidth ? ['the page'] : []),
      ...words(texts.filter((text) => boxes(text).some(({ right, left }) => right > edge + 0.5 || left < 0))),
    ],
    cutOff: words(texts.filter(isClipped)),
    faint: texts.filter((text) => contrast(text) < 4.5).map((text) => contrast(text).toFixed(2) + ' ' + text.data.trim()),
    pictures: [...document.images].map((image) => image.complete && image.naturalWidth > 0 && image.getBoundingClientRect().height > 40),
    firstScreen: words(texts.filter((text) => boxes(text).some(({ top, bottom }) => top >= 0 && bottom <= innerHeight))).join('\n'),
  };
})()`;
