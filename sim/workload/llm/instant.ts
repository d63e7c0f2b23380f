/** Points in time as tables write them, `2023-11-16 18:17:03.9799600`: the language's own dates stop at milliseconds. */

export interface Instant {
  /** Since the beginning of 2000. */
  readonly s: number;
  readonly ns: number;
}

const written =
  /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([-+])(\d\d):?(\d\d))?$/;

/** `undefined` for what is none, as the 45th of a month; without a zone it is of UTC. */
export function instantOf(text: string): Instant | undefined {
  const parts = written.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const is_date = year >= 2000 && month >= 1 && month <= 12 && day >= 1;
  if (!is_date || day > daysOf(year, month) || hour > 23 || minute > 59 || second > 59) {
    return undefined;
  }
  const [fraction = '', sign = '+', zone_hours = '0', zone_minutes = '0'] = parts.slice(7);
  const east = Number(`${sign}1`) * (60 * Number(zone_hours) + Number(zone_minutes));
  const minutes = ((daysBefore(year, month) + day) * 24 + hour) * 60 + minute - east;
  return { s: minutes * 60 + second, ns: Number(fraction.padEnd(9, '0')) };
}

/** From 2000 on. */
function daysBefore(year: number, month: number): number {
  let days = 0;
  for (let each = 2000; each < year; each += 1) days += isLeap(each) ? 366 : 365;
  for (let each = 1; each < month; each += 1) days += daysOf(year, each);
  return days;
}

function daysOf(year: number, month: number): number {
  const lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return lengths[month - 1]!;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
