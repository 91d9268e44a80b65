import { onlineMeetings as resource } from '../resources/online-meetings.ts';
import { table } from './table.ts';

/** https://learn.microsoft.com/en-us/graph/api/resources/meetingparticipantinfo */
const participant = { struct: { upn: 'string', role: 'string', identity: 'json' } } as const;

export const onlineMeetings = table({
  name: 'online_meetings',
  description:
    'Online meetings that users organize: a series is one. Passcodes, telephone numbers and the text of the invitation are left out.',
  resource,
  ingestionType: 'cdc',
  primaryKey: ['id'],
  // https://learn.microsoft.com/en-us/graph/api/resources/onlinemeeting
  columns: {
    user_id: { type: 'id', from: '$context.user_id', description: 'Who organizes it.' },
    id: { type: 'string', description: 'Meeting id.' },
    subject: { type: 'string', description: 'Subject.' },
    joinWebUrl: { type: 'string', description: 'Link to join.' },
    creationDateTime: { type: 'timestamp', description: 'When it was made.' },
    startDateTime: { type: 'timestamp', description: 'When it begins; of a series the first time.' },
    endDateTime: { type: 'timestamp', description: 'When it ends.' },
    expiryDateTime: { type: 'timestamp', description: 'When its link stops working.' },
    meetingType: { type: 'string', description: 'adhoc, scheduled, recurring, broadcast, meetnow.' },
    meetingTemplateId: { type: 'string', description: 'Template that it was made from.' },
    isBroadcast: { type: 'boolean', description: 'True: a live event.' },
    externalId: { type: 'string', description: 'What another system calls it.' },
    participants: {
      type: { struct: { organizer: participant, attendees: { list: participant } } },
      description: 'Organizer and those who were named. Kinds of identities are many: as they came.',
    },
    chatInfo: {
      type: { struct: { threadId: 'string', messageId: 'string', replyChainMessageId: 'string' } },
      description: 'Its chat.',
    },
    chatRestrictions: { type: 'json', description: 'What may be written there.' },
    lobbyBypassSettings: {
      type: { struct: { scope: 'string', isDialInBypassEnabled: 'boolean' } },
      description: 'Who does not wait in the lobby.',
    },
    joinMeetingIdSettings: {
      type: { struct: { joinMeetingId: 'string', isPasscodeRequired: 'boolean' } },
      description: 'Id to join with. The passcode is left out.',
    },
    meetingOptionsWebUrl: { type: 'string', description: 'Where its options are set.' },
    meetingSpokenLanguageTag: { type: 'string', description: 'Language, for captions.' },
    allowedPresenters: { type: 'string', description: 'Who may present.' },
    allowedLobbyAdmitters: { type: 'string', description: 'Who may let others in.' },
    allowAttendeeToEnableCamera: { type: 'boolean', description: 'True: attendees may use their camera.' },
    allowAttendeeToEnableMic: { type: 'boolean', description: 'True: attendees may use their microphone.' },
    allowBreakoutRooms: { type: 'boolean', description: 'True: breakout rooms are allowed.' },
    allowCopyingAndSharingMeetingContent: { type: 'boolean', description: 'True: what is shown may be copied.' },
    allowLiveShare: { type: 'string', description: 'enabled, disabled.' },
    allowMeetingChat: { type: 'string', description: 'enabled, disabled, limited.' },
    allowParticipantsToChangeName: { type: 'boolean', description: 'True: participants may change their name.' },
    allowPowerPointSharing: { type: 'boolean', description: 'True: PowerPoint Live is allowed.' },
    allowRecording: { type: 'boolean', description: 'True: it may be recorded.' },
    allowTeamworkReactions: { type: 'boolean', description: 'True: reactions are allowed.' },
    allowTranscription: { type: 'boolean', description: 'True: it may be transcribed.' },
    allowWhiteboard: { type: 'boolean', description: 'True: a whiteboard is allowed.' },
    recordAutomatically: { type: 'boolean', description: 'True: it is recorded from its beginning.' },
    shareMeetingChatHistoryDefault: { type: 'string', description: 'What of the chat those see who come later.' },
    isEndToEndEncryptionEnabled: { type: 'boolean', description: 'True: encrypted from end to end.' },
    isEntryExitAnnounced: { type: 'boolean', description: 'True: who comes and goes is announced.' },
    watermarkProtection: {
      type: { struct: { isEnabledForContentSharing: 'boolean', isEnabledForVideo: 'boolean' } },
      description: 'What has a watermark.',
    },
    sensitivityLabelAssignment: {
      type: { struct: { sensitivityLabelId: 'id' } },
      description: 'Sensitivity label.',
    },
    videoTeleconferenceId: { type: 'string', description: 'Id for video teleconferences.' },
    broadcastSettings: { type: 'json', description: 'Settings of a live event.' },
  },
});
