import { Controller, Get, Param, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { listAlerts, SEVERITIES } from '#libs/alerts';
import type { Database } from '#libs/database';
import { getHome, listContacts, listContexts, listDevices, listHomes, listResidents, listRules, listSightings, type Device, type Home } from '#libs/registry';
import type { Point } from '#libs/timeseries';
import { PageGuard } from '../access/page-access.js';
import { Stores } from '../stores.js';
import { alertRows } from './alert-rows.js';
import { dayPicture, type Day, type DayAlert } from './day-picture.js';
import { dayStretch, loadDay } from './day-of-home.js';
import { dayTable } from './day-table.js';
import { limitsIn } from './limits-in-force.js';
import { frameOf } from './page-of.js';
import { render } from './templates.js';
import { isOutside, shortNumber, valueChart, type Chart } from './value-chart.js';
import { loadCharts, newestText } from './values-of-home.js';
import { within } from '../within.js';
import { ago, shortWhen, when } from './when.js';
import { kindName, roomName, useName } from './words.js';

const HOMES_PER_PAGE = 100;
const ALERTS_SHOWN_MAX = 200;
const SERIES_TIMEOUT_MS = 5_000;
const BASIS_WORDS: Record<string, string> = { consent: 'Own consent', attorney: 'Decision of an attorney', 'best-interests': 'Best-interests decision' };
const CONTEXT_WORDS: Record<string, string> = { away: 'Away', hospital: 'In hospital', visit: 'Visitors', carer: 'Carer present', holiday: 'On holiday', pause: 'Paused' };

@ApiExcludeController()
@UseGuards(PageGuard)
@Controller('homes')
export class HomesPageController {
  constructor(private readonly stores: Stores) {}

  @Get()
  async list(@Query('after') after: unknown, @Req() request: Request, @Res() response: Response): Promise<void> {
    const { db, clock } = this.stores;
    const page = await listHomes(db, { limit: HOMES_PER_PAGE, ...(typeof after === 'string' && { after }) });
    const ids = page.items.map((home) => home.id);
    const residents = await this.peopleOf(ids);
    const open = await this.openOf(ids);
    const heard = await this.heardOf(ids);
    response.type('html').send(render('homes.njk', {
      ...frameOf(request, clock.nowMs(), 'Homes', 'homes'),
      homes: page.items.map((home) => ({ ...home, people: residents.get(home.id)?.join(', '), open: open.get(home.id)?.count ?? 0, worst: open.get(home.id)?.worst, lastMs: heard.get(home.id) })),
      more: page.next === undefined ? undefined : `/homes?after=${encodeURIComponent(page.next)}`,
    }));
  }

  @Get(':home')
  async page(@Param('home') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const { db, clock } = this.stores;
    const nowMs = clock.nowMs();
    const home = await getHome(db, id);
    const devices = await listDevices(db, id, nowMs);
    const open = (await listAlerts(db, { status: 'unresolved', home: id, limit: ALERTS_SHOWN_MAX })).items;
    const residents = await listResidents(db, id);
    const today = new Date(nowMs).toISOString().slice(0, 10);
    response.type('html').send(render('home.njk', {
      ...frameOf(request, nowMs, `Home ${id}`, 'homes'), ...subtitleOf(home, residents), zone: home.timeZone, place: home,
      alerts: await alertRows(db, open),
      ...await this.measured(home, devices, nowMs),
      residents: residents.map((resident) => ({ ...resident, basisText: BASIS_WORDS[resident.basis] ?? resident.basis, reviewText: dateText(resident.reviewOn), overdue: resident.reviewOn < today })),
      contacts: await listContacts(db, id),
      contexts: (await listContexts(db, id)).filter((context) => context.untilMs > nowMs).map((context) => ({ ...context, kindText: CONTEXT_WORDS[context.kind] ?? context.kind })),
      devices: await this.deviceRows(id, devices),
    }));
  }

  /** The pictures alone, for the page's own script. */
  @Get(':home/pictures')
  async pictures(@Param('home') id: string, @Res() response: Response): Promise<void> {
    const nowMs = this.stores.clock.nowMs();
    const home = await getHome(this.stores.db, id);
    const devices = await listDevices(this.stores.db, id, nowMs);
    response.type('html').send(render('home-pictures.njk', { nowMs, zone: home.timeZone, ...await this.measured(home, devices, nowMs) }));
  }

  /** What was measured, as pictures and tables. Without the time series the rest of the page still stands: people need the key safe then, too. */
  private async measured(home: Home, devices: Device[], nowMs: number): Promise<Record<string, unknown>> {
    try {
      return await within(this.read(home, devices, nowMs), SERIES_TIMEOUT_MS);
    } catch (error) {
      this.stores.log.warn({ err: error }, 'the readings of a home can not be shown');
      return { seriesAway: true, vitals: [] };
    }
  }

  private async read(home: Home, devices: Device[], nowMs: number): Promise<Record<string, unknown>> {
    const { db, series } = this.stores;
    const latest = await series.latest(home.id);
    if (latest.length === 0) return { vitals: [] };
    const newestMs = Math.max(...latest.map((point) => point.atMs));
    const stretch = dayStretch(newestMs, nowMs);
    const marks = await this.marksOf(db, home.id, stretch);
    const day = await loadDay(series, home, { devices, latest, alerts: marks }, stretch);
    const charts = await this.charts(home, devices, latest, stretch.endMs);
    return {
      day: { ...dayTable(day), svg: dayPicture(day), old: stretch.old, text: dayText(day, newestMs, nowMs, stretch.old) },
      vitals: charts.map((chart) => chartView(chart, nowMs)),
      vitalsText: `The seven days up to ${when(stretch.endMs, home.timeZone)}. Dashed: limits, not yet agreed for this person until a clinician has confirmed them.`,
    };
  }

  /** Alerts to mark in the picture, whatever has become of them. */
  private async marksOf(db: Database, home: string, { startMs, endMs }: { startMs: number; endMs: number }): Promise<DayAlert[]> {
    const rows = await db.selectFrom('alerts').select(['atMs', 'severity', 'reason']).where('home', '=', home).where('atMs', '>=', startMs).where('atMs', '<=', endMs).orderBy('openedMs', 'desc').limit(ALERTS_SHOWN_MAX).execute();
    return rows.map((row) => ({ ...row, severity: row.severity as DayAlert['severity'] }));
  }

  private async charts(home: Home, devices: Device[], latest: Point[], endMs: number): Promise<Chart[]> {
    const rules = await listRules(this.stores.db, home.id, endMs);
    return loadCharts(this.stores.series, home, { devices, latest, limitsOf: limitsIn(rules) }, endMs);
  }

  private async deviceRows(home: string, devices: Device[]): Promise<unknown[]> {
    const sightings = new Map((await listSightings(this.stores.db, home)).map((sighting) => [sighting.device, sighting]));
    const known = devices.map((device) => ({ ...sightings.get(device.id), id: device.id, model: device.model, where: roomName(device.room, device.roomName), useText: useName(device.use) }));
    const strangers = [...sightings.values()].filter((sighting) => !sighting.registered)
      .map((sighting) => ({ ...sighting, id: sighting.device, model: null, ...(sighting.kinds.length === 0 ? { where: '–', useText: 'Hub' } : { where: 'Not registered', useText: sighting.kinds.map(kindName).join(', ') }) }));
    return [...known, ...strangers];
  }

  private async peopleOf(homes: string[]): Promise<Map<string, string[]>> {
    const people = new Map<string, string[]>();
    if (homes.length === 0) return people;
    const rows = await this.stores.db.selectFrom('residents').select(['home', 'id', 'name']).where('home', 'in', homes).orderBy('id').limit(5_000).execute();
    for (const { home, id, name } of rows) people.set(home, [...people.get(home) ?? [], name ?? `Resident ${id}`]);
    return people;
  }

  private async openOf(homes: string[]): Promise<Map<string, { count: number; worst: string }>> {
    const open = new Map<string, { count: number; worst: string }>();
    if (homes.length === 0) return open;
    const rows = await this.stores.db.selectFrom('alerts').select(['home', 'severity', (eb) => eb.fn.countAll<number>().as('count')])
      .where('home', 'in', homes).where('status', '!=', 'resolved').groupBy(['home', 'severity']).execute();
    const rank = (severity: string): number => SEVERITIES.findIndex((one) => one === severity);
    for (const { home, severity, count } of rows) {
      const before = open.get(home);
      const worst = before === undefined || rank(severity) < rank(before.worst) ? severity : before.worst;
      open.set(home, { count: (before?.count ?? 0) + count, worst });
    }
    return open;
  }

  private async heardOf(homes: string[]): Promise<Map<string, number>> {
    if (homes.length === 0) return new Map();
    const rows = await this.stores.db.selectFrom('sightings').select(['home', (eb) => eb.fn.max('lastMs').as('last')]).where('home', 'in', homes).groupBy('home').execute();
    return new Map(rows.map(({ home, last }) => [home, last]));
  }
}

function subtitleOf(home: Home, residents: { id: string; name: string | null }[]): { subtitle: string } {
  const people = residents.map(({ id, name }) => name ?? `Resident ${id}`).join(', ');
  return { subtitle: `${people === '' ? 'No resident registered' : people} · time zone ${home.timeZone}` };
}

function dayText(day: Day, newestMs: number, nowMs: number, old: boolean): string {
  const newest = `${when(newestMs, day.timeZone)} (${ago(newestMs, nowMs)})`;
  return old ? `Nothing newer than ${newest} has been received. The picture shows the 24 hours before that.` : `Newest reading ${newest}.`;
}

function dateText(day: string): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(Date.parse(`${day}T00:00:00Z`));
}

function chartView(chart: Chart, nowMs: number): Record<string, unknown> {
  const newest = newestText(chart);
  const points = chart.lines.flatMap((line) => line.points.map((point) => ({ ...point, line: line.name }))).sort((a, b) => b.atMs - a.atMs);
  return {
    name: chart.name, svg: valueChart(chart), latest: newest.text, latestWhen: shortWhen(newest.atMs, nowMs, chart.timeZone),
    outside: newest.values.some(({ line, value }) => isOutside(value, chart.limits, line)),
    points: points.slice(0, 100).map(({ atMs, value, line }) => ({ when: when(atMs, chart.timeZone), value: `${chart.lines.length > 1 ? `${kindName(line)}: ` : ''}${shortNumber(value)} ${chart.unit}` })),
  };
}
