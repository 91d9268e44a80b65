/** Something colleagues write about. `{name}` stands for a word of `SLOTS`. */
export interface Topic {
  readonly subjects: readonly string[];
  readonly roots: readonly string[];
  readonly replies: readonly string[];
}

/** What any thread may be answered with. */
export const SHORT_REPLIES: readonly string[] = [
  'Thanks! 🙏',
  'Sounds good to me.',
  '+1',
  'On it.',
  'Can we take this offline? I have 15 minutes at {time}.',
  'Done ✅',
  'Sorry for the late answer, I was travelling. Yes, please go ahead.',
  'Not sure I follow. Which {thing} do you mean?',
  'Who owns this now?',
  '😂',
  'I will check with {team} and come back to you by {day}.',
  'Great work everyone 🎉👏',
];

export const SLOTS: Readonly<Record<string, readonly string[]>> = {
  project: ['Aurora', 'Falcon', 'Mosaic', 'Riverbed', 'Lighthouse', 'Quartz', 'Tangerine', 'Polaris', 'Zürich 2.0'],
  customer: [
    'Contoso',
    'Fabrikam',
    'Tailspin Toys',
    'Wide World Importers',
    'Adatum',
    'Litware',
    'Proseware',
    'Café Müller',
  ],
  service: [
    'checkout',
    'billing-api',
    'search',
    'identity gateway',
    'the nightly export',
    'order-events',
    'the mobile app',
  ],
  team: ['Finance', 'Legal', 'Platform', 'Design', 'the Kraków office', 'Support', 'Procurement', 'Data'],
  thing: ['contract', 'ticket', 'dashboard', 'draft', 'estimate', 'spreadsheet', 'pull request', 'invoice'],
  day: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'end of the week', 'tomorrow noon'],
  time: ['9:30', '10:00', '11:15', '13:00', '14:30', '16:00', '17:45 CET'],
  number: ['3', '7', '12', '18', '24', '40', '96', '250', '1,200', '48,000'],
  percent: ['0.4 %', '2 %', '7 %', '12.5 %', '35 %', '99.95 %'],
  amount: ['€ 1,250', '€ 18,400', '$ 96,000', '£ 7,300', '¥ 240,000', 'CHF 5’600'],
  version: ['2.3.1', '4.0.0-rc.2', '5.12', '2026.1', '1.9.7'],
  city: ['Berlin', 'Lyon', 'Tokyo', 'Lagos', 'Pune', 'São Paulo', 'Malmö', 'Kraków'],
};

export const ENGLISH: readonly Topic[] = [
  {
    subjects: ['Release {version}', '{project}: go/no-go', 'Deployment window {day}'],
    roots: [
      'We plan to release {version} of {service} on {day} at {time}. Please finish open reviews before that.',
      'Release notes for {project} {version} are ready. Anything missing?',
      'Rolling out {version} to {percent} of users first. Error rate is flat so far 📈',
      'Rollback of {service} {version} is done. {number} requests failed, a summary follows.',
    ],
    replies: [
      'The migration took {number} minutes in staging, so we should plan for that.',
      'Smoke tests passed in {city}.',
      'I still see a failing check on the {thing}. Looking now.',
      'Approved from our side. {team} has signed off too.',
      'Let us wait until {day}, half of {team} is out.',
    ],
  },
  {
    subjects: ['Incident: {service}', '{service} is slow', 'Post-mortem {service}'],
    roots: [
      'Latency of {service} is up by {percent} since {time}. Investigating 🔥',
      'Alert: {service} answers 5xx for {customer}. I am on call and have opened a bridge.',
      'Post-mortem for the {service} outage: root cause was an expired certificate. {number} customers saw errors.',
      'Disk usage on {service} crossed the threshold again, this is time number {number} this month.',
    ],
    replies: [
      'Mitigated at {time}: we moved the traffic to {city}.',
      'Graphs are back to normal. Keeping an eye on it.',
      'Could this be the config change from {day}?',
      'I have a heap dump, <b>{number} GB</b>. The cache never evicts.',
      'Customer update sent to {customer}.',
      'Follow-up tickets are in the {thing}, please add what I forgot.',
    ],
  },
  {
    subjects: ['{customer}: offer', '{customer} renewal', 'Quarter end'],
    roots: [
      '{customer} asks for {percent} off the renewal. Thoughts?',
      'Signed! {customer} takes {number} seats for {amount} a year 🥳',
      'Demo for {customer} on {day} at {time}. Who can show the reporting part?',
      'Pipeline review: {number} open offers, {amount} weighted. Details in the {thing}.',
    ],
    replies: [
      'I would not go below {amount}. They need us before {day}.',
      'I can do the demo, I showed the same to {customer} last week.',
      'Legal wants clause {number} changed first.',
      'Their buyer is on leave until {day}.',
      'Congratulations!! 🚀🚀',
    ],
  },
  {
    subjects: ['Invoices', 'Budget', 'Travel costs'],
    roots: [
      'Reminder: please hand in travel costs for {city} by {day}.',
      'The budget for {project} is {percent} over plan, mostly hardware ({amount}).',
      'Invoice of {customer} is {number} days overdue. Has anyone heard from them?',
    ],
    replies: [
      'Paid this morning, {amount} arrived.',
      'Booked on the wrong cost centre; {team} corrects it on {day}.',
      'Can you send me the {thing} again? The link has expired.',
      'Uploaded. Two receipts are missing.',
    ],
  },
  {
    subjects: ['Onboarding', 'New colleague', 'Team event'],
    roots: [
      'Please welcome our new colleague in {city}! First day is {day} 👋',
      'Team event: bowling or escape room? Vote with 👍 or ❤️ until {day}.',
      'The office in {city} is closed on {day}; badges will not work before {time}.',
      'Reminder: security training, {number} people are still missing.',
    ],
    replies: [
      'Welcome aboard! 🎈',
      'Escape room, please. My shoulder still hurts from last time.',
      'Can I join remotely?',
      'I have finished it, but the page still shows me as open.',
      'Vegetarian options would be nice 🥗',
    ],
  },
  {
    subjects: ['Stand-up notes', 'Decision: {project}', 'Minutes {day}'],
    roots: [
      '<strong>{project} stand-up</strong><ul><li>done: {service}</li><li>next: {thing} for {customer}</li><li>blocked: waiting for {team}</li></ul>',
      'Decision: we keep {service} for another year and review in {number} weeks.',
      'Minutes of {day}: {number} items, owners in the {thing}. Shout if I got something wrong.',
      'Question for {team}: is the {thing} for {project} final?',
    ],
    replies: [
      'My item is unblocked, {team} answered.',
      'I read it differently: we agreed on <i>{number}</i> weeks, not months.',
      'Final, except the numbers for {city}.',
      'Moved to the next sprint.',
      'See also https://example.com/wiki/{number} &amp; the older thread.',
    ],
  },
];
