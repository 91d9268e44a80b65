import { MAX_BOT_MESSAGE_BYTES } from '../../limits/bot-limits.ts';
import { json, type TwinAnswer } from '../protocol/exchange.ts';
import type { TwinConversation, TwinPost, TwinStream } from './conversations.ts';
import { gone, refusal } from './refusals.ts';

type Body = Readonly<Record<string, unknown>>;

/** What an activity says of the stream that it belongs to. */
interface StreamInfo {
  readonly streamType: unknown;
  readonly streamId: unknown;
  readonly streamSequence: unknown;
}

const LONGEST_MS = 120_000;
const PACE_MS = 1_000;

/** Texts of https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux#error-codes */
const forbidden = (message: string) => refusal(403, 'ContentStreamNotAllowed', message);
const wrong = (message: string) => refusal(400, 'BadRequest', message);

/** Undefined: the activity is of no stream. */
export function streamInfoOf({ entities, channelData }: Body): StreamInfo | undefined {
  const listed = Array.isArray(entities) ? (entities as readonly Body[]) : [];
  const info = listed.find(({ type }) => typeof type === 'string' && type.toLowerCase() === 'streaminfo');
  const data = Object(channelData) as Partial<StreamInfo>;
  const found = info ?? (data.streamType === undefined ? undefined : data);
  return found && (found as unknown as StreamInfo);
}

/**
 * Takes one activity of a stream.
 *
 * @param begin - makes the message that is written
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/streaming-ux
 */
export function streamed(
  info: StreamInfo,
  body: Body,
  { conversation, nowMs, begin }: { conversation: TwinConversation; nowMs: number; begin: (text: string) => TwinPost },
): TwinAnswer {
  const text = typeof body['text'] === 'string' ? body['text'] : '';
  const attachments = Array.isArray(body['attachments']) ? (body['attachments'] as readonly unknown[]) : [];
  const isFinal = info.streamType === 'final';
  const misfit = misfitOf(info, body, { isFinal, isPersonal: conversation.type === 'personal', attachments });
  if (misfit) return misfit;
  if (info.streamId === undefined) {
    if (text === '') return wrong('Start streaming activities should include text.');
    const post = begin(text);
    post.stream = { beganAtMs: nowMs, lastAtMs: nowMs, sequence: 1, kind: info.streamType, state: 'open' };
    return json(201, { id: post.id });
  }
  const post = conversation.posts.find(({ id, deleted }) => id === info.streamId && !deleted);
  if (!post?.stream) return gone();
  const refused = refusedBy(post.stream, nowMs);
  if (refused) return refused;
  if (!isFinal) return grow({ post, stream: post.stream, info, text, nowMs });
  post.stream.state = 'done';
  Object.assign(post, { text: text === '' ? undefined : text, attachments });
  return json(202, {});
}

function misfitOf(
  { streamId, streamSequence, streamType }: StreamInfo,
  body: Body,
  given: { readonly isFinal: boolean; readonly isPersonal: boolean; readonly attachments: readonly unknown[] },
): TwinAnswer | undefined {
  if (!given.isPersonal) return forbidden('Content stream is not allowed');
  if (JSON.stringify(body).length * 2 > MAX_BOT_MESSAGE_BYTES) return forbidden('Message size too large');
  if (given.isFinal) {
    if (body['type'] !== 'message') return wrong('The end of a stream is a message.');
    if (streamId === undefined) return wrong('The end of a stream should include streamId.');
    return streamSequence === undefined ? undefined : wrong('The end of a stream has no sequence.');
  }
  if (body['type'] !== 'typing') return wrong('Only end streaming type is allowed as a message activity');
  if (streamType !== 'informative' && streamType !== 'streaming') return wrong('streamType is missing or wrong.');
  if (given.attachments.length > 0) return wrong('Attachments are allowed at the end of a stream.');
  if (typeof streamSequence !== 'number') return wrong('Streaming activities should include a sequence.');
  return streamId === undefined && streamSequence !== 1 ? wrong('A stream begins with sequence 1.') : undefined;
}

function refusedBy(stream: TwinStream, nowMs: number): TwinAnswer | undefined {
  if (stream.state === 'stopped') return forbidden('Content stream was canceled by user');
  if (stream.state === 'done')
    return forbidden('Content stream is not allowed on an already completed streamed message');
  if (nowMs - stream.beganAtMs <= LONGEST_MS) return undefined;
  stream.state = 'done';
  return forbidden('Content stream finished due to exceeded streaming time.');
}

interface Growth {
  readonly post: TwinPost;
  readonly stream: TwinStream;
  readonly info: StreamInfo;
  readonly text: string;
  readonly nowMs: number;
}

function grow({ post, stream, info: { streamType, streamSequence }, text, nowMs }: Growth): TwinAnswer {
  if (Number(streamSequence) <= stream.sequence) {
    const code = 'ContentStreamSequenceOrderPreConditionFailed';
    return json(202, { error: { code, message: 'PreCondition failed exception when processing streaming activity.' } });
  }
  if (nowMs - stream.lastAtMs < PACE_MS) return refusal(429, 'Throttled', 'API calls quota exceeded');
  if (stream.kind === streamType && streamType === 'streaming' && !text.startsWith(post.text ?? '')) {
    return forbidden('Request streamed content should contain the previously streamed content');
  }
  Object.assign(stream, { sequence: streamSequence, kind: streamType, lastAtMs: nowMs });
  post.text = text;
  return json(202, {});
}
