/** A question and its SQL. The demo asks these; the docs print them. */
export interface DemoQuery {
  readonly title: string;
  readonly sql: string;
  /** Column drawn as bars, when the answer is a ranking. */
  readonly chart?: { readonly label: readonly string[]; readonly value: string };
}

const allMessages = `
  SELECT team_id, channel_id, id FROM messages WHERE messageType = 'message'
  UNION ALL
  SELECT team_id, channel_id, id FROM message_replies WHERE messageType = 'message'`;

export const demoQueries: readonly DemoQuery[] = [
  {
    title: 'Busiest channels',
    sql: `
WITH posts AS (${allMessages}
)
SELECT t.displayName AS team, c.displayName AS channel, count(*) AS messages
FROM posts p
JOIN channels c ON c.team_id = p.team_id AND c.id = p.channel_id
JOIN teams t ON t.id = p.team_id
GROUP BY ALL ORDER BY messages DESC, team, channel LIMIT 6`,
    chart: { label: ['team', 'channel'], value: 'messages' },
  },
  {
    title: 'Most reacted message',
    sql: `
WITH posts AS (
  SELECT team_id, channel_id, id AS root_message_id, id AS message_id, "from", body FROM messages
  UNION ALL
  SELECT team_id, channel_id, parent_message_id, id, "from", body FROM message_replies
)
SELECT count(*) AS reactions, string_agg(DISTINCT r.reaction_type, ' ') AS kinds,
       any_value(p."from"."user".displayName) AS author,
       any_value(regexp_replace(p.body.content, '<[^>]*>', '', 'g')) AS message
FROM message_reactions r
JOIN posts p USING (team_id, channel_id, root_message_id, message_id)
GROUP BY team_id, channel_id, root_message_id, message_id
ORDER BY reactions DESC, author, message_id LIMIT 1`,
  },
  {
    title: 'Minutes until the first reply (median per team)',
    sql: `
WITH first_reply AS (
  SELECT m.team_id, m.channel_id, m.createdDateTime AS asked, min(r.createdDateTime) AS answered
  FROM messages m
  JOIN message_replies r ON r.team_id = m.team_id AND r.channel_id = m.channel_id AND r.parent_message_id = m.id
  GROUP BY ALL
)
SELECT t.displayName AS team, count(*) AS threads,
       round(median(epoch(answered - asked)) / 60, 1) AS median_minutes,
       round(quantile_cont(epoch(answered - asked), 0.9) / 60, 1) AS p90_minutes
FROM first_reply f JOIN teams t ON t.id = f.team_id
GROUP BY ALL ORDER BY median_minutes LIMIT 6`,
    chart: { label: ['team'], value: 'median_minutes' },
  },
];
