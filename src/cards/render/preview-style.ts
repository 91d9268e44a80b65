const LIGHT =
  '--bg:#f5f5f5;--card:#fff;--text:#242424;--subtle:#616161;--line:#d1d1d1;--accent:#5b5fc7;--emphasis:#f0f0f0;--good:#107c10;--warning:#8a5300;--attention:#b52a43;--t-accent:#eef0fb;--t-good:#eef7ee;--t-warning:#fdf5e8;--t-attention:#fcf0f2';
const DARK =
  '--bg:#1f1f1f;--card:#292929;--text:#fff;--subtle:#adadad;--line:#525252;--accent:#9299f7;--emphasis:#333;--good:#92c353;--warning:#f8d22a;--attention:#ff8091;--t-accent:#2b2d48;--t-good:#23331f;--t-warning:#3a3318;--t-attention:#432329';

/** The look of the preview page: close to a Teams message in the light and the dark theme. */
export const PREVIEW_STYLE = `
:root{color-scheme:light;${LIGHT}}
.dark{color-scheme:dark;${DARK}}
@media(prefers-color-scheme:dark){.auto{color-scheme:dark;${DARK}}}
body{margin:0;padding:24px;background:var(--bg);color:var(--text);font:14px/20px "Segoe UI",system-ui,sans-serif}
main{max-width:600px;margin:0 auto}.phone body{padding:8px}.phone main{max-width:360px}section+section{margin-top:20px}section>*+*{margin-top:8px}.head{color:var(--subtle);font-size:12px}.card.text{white-space:pre-wrap}
.card{background:var(--card);border:1px solid var(--line);border-radius:4px;padding:12px 16px;overflow-wrap:anywhere}
.card.full{max-width:none}
.card>*+*,.stack>*+*{margin-top:8px}
p,ul,ol{margin:0}
a{color:var(--accent)}
.subtle{color:var(--subtle)}.small{font-size:12px}.medium{font-size:16px}.large{font-size:18px;line-height:24px}.extralarge{font-size:24px;line-height:32px}
.bolder{font-weight:600}.lighter{font-weight:300}.monospace{font-family:monospace}
.cut{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.c-accent{color:var(--accent)}.c-good{color:var(--good)}.c-warning{color:var(--warning)}.c-attention{color:var(--attention)}
.center{text-align:center}.right{text-align:right}
.emphasis{background:var(--emphasis);padding:8px}.s-good,.s-warning,.s-attention,.s-accent{padding:8px;border-left:3px solid}
.s-good{border-color:var(--good);background:var(--t-good)}.s-warning{border-color:var(--warning);background:var(--t-warning)}.s-attention{border-color:var(--attention);background:var(--t-attention)}.s-accent{border-color:var(--accent);background:var(--t-accent)}
.separator{border-top:1px solid var(--line);padding-top:8px}
.columns{display:flex;gap:8px}.columns>*{flex:1;min-width:0}.columns>.auto{flex:none}
table{border-collapse:collapse;width:100%}td,th{border:1px solid var(--line);padding:4px 8px;text-align:left;vertical-align:top}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:0}dt{font-weight:600}dd{margin:0}
img{max-width:100%}img.person{border-radius:50%}img.sized-small{width:40px}img.sized-medium{width:80px}img.sized-large{width:160px}
.actions{display:flex;flex-wrap:wrap;gap:8px}
.button{display:inline-block;border:1px solid var(--line);border-radius:4px;padding:5px 12px;font-weight:600;color:inherit;text-decoration:none}
.button.positive{background:var(--accent);color:#fff}.button.destructive{color:var(--attention)}
details>summary{list-style:none;cursor:pointer}details>.card{margin-top:8px}
.at{color:var(--accent)}
pre{margin:0;padding:8px;background:var(--emphasis);overflow:auto}
.badge{display:inline-block;border-radius:10px;padding:0 8px;background:var(--emphasis)}
label{display:block;font-weight:600}label>*{display:block;font-weight:400;box-sizing:border-box}input:not([type=checkbox]):not([type=radio]),textarea,select{width:100%;padding:5px 8px;border:1px solid var(--line);border-radius:4px;background:var(--card);color:inherit;font:inherit}
label.choice>*{display:inline}
progress,meter{width:100%}
.unknown{color:var(--subtle);border:1px dashed var(--line);padding:4px 8px}
`;
