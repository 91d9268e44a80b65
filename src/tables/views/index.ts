import type { ViewShape } from '../../schema/view.ts';
import { meetingAttendance } from './meeting-attendance.ts';
import { meetingLateJoiners } from './meeting-late-joiners.ts';
import { meetingNoShows } from './meeting-no-shows.ts';

/** Every view that queries may name beside the tables. */
export const views: readonly ViewShape[] = [meetingAttendance, meetingNoShows, meetingLateJoiners];
