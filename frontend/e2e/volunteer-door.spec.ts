import type { Page } from '@playwright/test'
import { expectAccessible, expectTargets } from './axe'
import { donor, expect, mails, type Donor } from './fixtures'
import { api, open, test } from './staff'

// The day of a shift: people are checked in on a phone, with and without a network, and their hours are approved.

interface Shift {
  id: string
  opportunity: string
  title: string
  day: string
}

/** wall is what the clock in New York shows so many minutes from now. */
function wall(minutes: number): string {
  const at = new Date(Date.now() + minutes * 60_000)
  const text = at.toLocaleString('sv-SE', { timeZone: 'America/New_York' })
  return text.slice(0, 16).replace(' ', 'T')
}

/** shiftNow is a shift that began half an hour ago, of an opportunity of its own. */
async function shiftNow(page: Page, places = 10): Promise<Shift> {
  const title = `Book sorting ${donor().last}`
  const made = await api<{ id: string }>(page, 'POST', '/opportunities', {
    title,
    role: 'Sorter',
    summary: 'Sort the books that were given.',
    kind: 'shifts',
    visibility: 'public',
    zone: 'America/New_York',
    place: { name: 'Library', remote: false },
    contact_name: 'Olivia',
    contact_email: 'volunteers@riverbend.example',
  })
  await api(page, 'POST', `/opportunities/${made.id}/publish`)
  const { items } = await api<{ items: { id: string; starts_local: string }[] }>(
    page,
    'POST',
    `/opportunities/${made.id}/shifts`,
    { title: '', meeting_point: '', starts_local: wall(-30), ends_local: wall(150), places },
  )
  const shift = items[0]
  return { id: shift?.id ?? '', opportunity: made.id, title, day: shift?.starts_local.slice(0, 10) ?? '' }
}

/** signUp puts somebody new on the shift; staff overrule the cut-off, as it has begun. */
async function signUp(page: Page, shift: Shift, who: Donor): Promise<string> {
  const person = await api<{ id: string }>(page, 'POST', '/people', {
    first_name: who.first,
    last_name: who.last,
    email: who.email,
  })
  const { refusals } = await api<{ refusals: { rule: string }[] }>(
    page,
    'GET',
    `/shifts/${shift.id}/check?person_id=${person.id}`,
  )
  await api(page, 'POST', `/shifts/${shift.id}/sign-ups`, {
    person_id: person.id,
    override: refusals.map((r) => r.rule),
    note: refusals.length > 0 ? 'arranged by phone' : '',
    tell: false,
  })
  return person.id
}

const nameOf = (who: Donor) => `${who.first} ${who.last}`
const door = (shift: Pick<Shift, 'id' | 'day'>) => `/volunteers/door?day=${shift.day}&shift=${shift.id}`
const tab = (page: Page, name: string) => page.getByRole('tab', { name: new RegExp(`^${name}`) })
const row = (page: Page, who: Donor) =>
  page
    .getByRole('tabpanel')
    .getByRole('listitem')
    .filter({ hasText: nameOf(who) })
const settled = (page: Page) => expect(page.getByText('waiting to send')).toHaveCount(0)

interface Standing {
  status: string
  party: number
  checked_in_at?: string
  checked_out_at?: string
}

async function standing(page: Page, shift: Pick<Shift, 'id'>, who: Donor): Promise<Standing | undefined> {
  const { people } = await api<{ people: (Standing & { name: string })[] }>(
    page,
    'GET',
    `/door?shift_id=${shift.id}`,
  )
  return people.find((p) => p.name === nameOf(who))
}

test('somebody is checked in with one tap, undone, checked in again and out with their hours', async ({
  signedIn: page,
}) => {
  const shift = await shiftNow(page)
  const [who, other] = [donor(), donor()]
  await signUp(page, shift, who)
  await signUp(page, shift, other)
  await open(page, door(shift), 'Check-in')
  await expect(tab(page, 'Expected')).toContainText('2')
  await expect(row(page, who)).toContainText('late')
  await expectAccessible(page)
  await expectTargets(page.mainFrame().page(), 24)

  await page.getByLabel('Search a name').fill(who.last.slice(0, 12))
  await page.getByRole('button', { name: `Check in ${nameOf(who)}` }).click()
  const last = page.getByRole('group', { name: 'Last step' })
  await expect(last).toContainText(`${nameOf(who)} is in.`)
  await expectAccessible(page)
  await last.getByRole('button', { name: 'Undo' }).click()
  await expect(row(page, who)).toBeVisible()
  await settled(page)
  expect((await standing(page, shift, who))?.status).toBe('confirmed')

  await page.getByRole('button', { name: `Check in ${nameOf(who)}` }).click()
  await page.getByLabel('Search a name').fill('')
  await tab(page, 'In').click()
  await expect(row(page, who)).toContainText('In since')
  await page.getByRole('button', { name: `Check out ${nameOf(who)}` }).click()
  await expect(last).toContainText(/is out: .*min\./)
  await tab(page, 'Done').click()
  await expect(row(page, who)).toContainText('min')
  await settled(page)
  expect((await standing(page, shift, who))?.status).toBe('done')
})

test('a dead network does not stop the door: everything is kept through a reload and sent once, in order', async ({
  signedIn: page,
  context,
}) => {
  const shift = await shiftNow(page)
  const [who, other] = [donor(), donor()]
  await signUp(page, shift, who)
  await signUp(page, shift, other)
  await open(page, door(shift), 'Check-in')
  await expect(row(page, other)).toBeVisible()

  await context.setOffline(true)
  await page.getByRole('button', { name: `Check in ${nameOf(who)}` }).click()
  await expect(page.getByText('1 waiting to send')).toBeVisible()
  await page.getByRole('button', { name: `Check in ${nameOf(other)}` }).click()
  await expect(page.getByText('2 waiting to send')).toBeVisible()
  await tab(page, 'In').click()
  await expect(row(page, who)).toContainText('Not sent yet')
  await page.getByRole('button', { name: `Check out ${nameOf(other)}` }).click()
  await expect(page.getByText('3 waiting to send')).toBeVisible()
  await page.getByRole('button', { name: 'Add a walk-in' }).click()
  await page.getByRole('button', { name: 'Add and check in' }).click()
  await expect(page.getByRole('alert').first()).toBeFocused()
  const guest = donor()
  await page.getByLabel('First name').fill(guest.first)
  await page.getByLabel('Last name').fill(guest.last)
  await page.getByLabel('E-mail or phone').fill(guest.email)
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Add and check in' }).click()
  await expect(page.getByText('4 waiting to send')).toBeVisible()
  await expect(row(page, guest)).toContainText('Not sent yet')
  await expectAccessible(page)

  // The page comes back before the API does, and one answer is lost on its way: the server acts, the door never hears of it.
  const sent: string[] = []
  let lost = false
  await page.route('**/api/v1/sign-ups/*/check*', async (route) => {
    const { action } = route.request().postDataJSON() as { action: string }
    sent.push(`${action} ${route.request().headers()['idempotency-key'] ?? ''}`)
    if (lost) return route.continue()
    lost = true
    await route.fetch()
    await route.abort('connectionreset')
  })
  await page.route('**/api/v1/door*', (route) => route.abort())
  await context.setOffline(false)
  await page.reload()
  await expect(page.getByText(/This is the list of/)).toBeVisible()
  await settled(page)
  const keys = sent.map((s) => s.split(' ')[1])
  expect(sent.map((s) => s.split(' ')[0])).toEqual(['in', 'in', 'in', 'out'])
  expect(keys[1], 'the same key goes out again').toBe(keys[0])
  expect(new Set(keys).size).toBe(3)

  await page.unroute('**/api/v1/door*')
  await page.reload()
  await expect(tab(page, 'In')).toContainText('2')
  await expect(tab(page, 'Done')).toContainText('1')
  expect((await standing(page, shift, who))?.status).toBe('in')
  expect((await standing(page, shift, other))?.status).toBe('done')
  expect((await standing(page, shift, guest))?.status).toBe('in')
  const people = await api<{ items: unknown[] }>(page, 'GET', `/people?search=${guest.last}`)
  expect(people.items, 'the walk-in is one person').toHaveLength(1)
})

test('what the server refuses is told with what to do, and nothing is dropped', async ({
  signedIn: page,
  context,
}) => {
  const shift = await shiftNow(page)
  const who = donor()
  await signUp(page, shift, who)
  await open(page, door(shift), 'Check-in')
  await page.getByRole('button', { name: `Check in ${nameOf(who)}` }).click()
  await settled(page)
  await context.setOffline(true)
  await tab(page, 'In').click()
  await page.getByRole('button', { name: `Check out ${nameOf(who)}` }).click()
  await expect(page.getByText('1 waiting to send')).toBeVisible()

  // Meanwhile, on another device, the check-in was taken back.
  const { people } = await api<{ people: { sign_up_id: string; name: string }[] }>(
    page,
    'GET',
    `/door?shift_id=${shift.id}`,
  )
  const there = people.find((p) => p.name === nameOf(who))?.sign_up_id ?? ''
  const now = new Date().toISOString()
  await api(page, 'POST', `/sign-ups/${there}/check`, {
    action: 'undo',
    undoes: 'in',
    happened_at: now,
    sent_at: now,
  })

  await context.setOffline(false)
  const refused = page.getByText(`Not done: Check out ${nameOf(who)}`)
  await expect(refused).toBeVisible()
  await expect(page.getByText(/^Their check-in was taken back meanwhile/)).toBeVisible()
  await expectAccessible(page)
  await page.reload()
  await expect(refused).toBeVisible()
  await page.getByRole('button', { name: 'Discard' }).click()
  await expect(page.getByText(/^Not done/)).toHaveCount(0)
  await tab(page, 'Expected').click()
  await expect(row(page, who)).toBeVisible()
})

test('a no-show frees the place, and another time than now can be entered', async ({ signedIn: page }) => {
  const shift = await shiftNow(page, 2)
  const [absent, early] = [donor(), donor()]
  await signUp(page, shift, absent)
  await signUp(page, shift, early)
  await open(page, door(shift), 'Check-in')

  await row(page, absent).getByRole('button').first().click()
  const sheet = page.getByRole('dialog', { name: nameOf(absent) })
  await expect(sheet).toBeVisible()
  await expectAccessible(page)
  await sheet.getByRole('button', { name: 'Did not come' }).click()
  await sheet.getByLabel(/^Note/).fill('Called: the car broke down')
  await sheet.getByRole('button', { name: 'Mark as not come' }).click()
  await tab(page, 'Done').click()
  await expect(row(page, absent)).toContainText('Did not come')
  await settled(page)
  expect((await standing(page, shift, absent))?.status).toBe('no_show')

  await tab(page, 'Expected').click()
  await row(page, early).getByRole('button').first().click()
  await page.getByLabel('Came at').fill(wall(-20).slice(11))
  await page.getByRole('button', { name: 'Check in at this time' }).click()
  await settled(page)
  const came = (await standing(page, shift, early))?.checked_in_at ?? ''
  expect(Math.abs(Date.parse(came) - (Date.now() - 20 * 60_000))).toBeLessThan(2 * 60_000)
})

test('on a kiosk volunteers check themselves in; it shows nobody unasked, and leaves by PIN', async ({
  signedIn: page,
}) => {
  const shift = await shiftNow(page)
  const who = donor()
  await signUp(page, shift, who)
  await page.clock.install()
  await open(page, door(shift), 'Check-in')
  await page.getByRole('button', { name: 'Self check-in' }).click()
  const kiosk = page.getByRole('dialog')
  await kiosk.getByLabel(/^PIN to leave/).fill('2468')
  await expectAccessible(page)
  await kiosk.getByRole('button', { name: 'Start now' }).click()
  await expect(kiosk.getByRole('listitem')).toHaveCount(0)
  await kiosk.getByLabel('Your name').fill(who.last)
  await expect(kiosk.getByRole('listitem')).toContainText(nameOf(who))
  await expect(kiosk).not.toContainText('example.org')
  await expectAccessible(page)

  // Nobody goes on: after a minute the name is gone.
  await page.clock.runFor(61_000)
  await expect(kiosk.getByRole('listitem')).toHaveCount(0)
  await expect(kiosk.getByLabel('Your name')).toHaveValue('')

  await kiosk.getByLabel('Your name').fill(who.last)
  await kiosk.getByRole('button', { name: 'I am here' }).click()
  await expect(kiosk.getByText(`Welcome, ${nameOf(who)}. You are checked in.`)).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(kiosk).toBeVisible()
  await kiosk.getByRole('button', { name: 'Staff' }).click()
  await kiosk.getByLabel('PIN').fill('1')
  await kiosk.getByRole('button', { name: 'Leave self check-in' }).click()
  await expect(kiosk.getByText('That is not the PIN')).toBeVisible()
  await kiosk.getByLabel('PIN').fill('2468')
  await kiosk.getByRole('button', { name: 'Leave self check-in' }).click()
  await expect(kiosk).toHaveCount(0)
  expect((await standing(page, shift, who))?.status).toBe('in')
})

test('a code is found without a camera, and another organization’s is not', async ({ signedIn: page }) => {
  const shift = await shiftNow(page)
  const who = donor()
  const id = await signUp(page, shift, who)
  const { check_in_code } = await api<{ check_in_code: string }>(page, 'GET', `/people/${id}/volunteer`)
  await open(page, `/volunteers/door?day=${shift.day}`, 'Check-in')
  await page.getByRole('button', { name: 'Scan' }).click()
  await page.getByLabel(/^Or type the code/).fill('NOBODY')
  await page.getByRole('button', { name: 'Find' }).click()
  await expect(page.getByText('Nobody has this code.')).toBeVisible()
  await expectAccessible(page)
  await page.getByLabel(/^Or type the code/).fill(check_in_code)
  await page.getByRole('button', { name: 'Find' }).click()
  await expect(page.getByRole('dialog', { name: nameOf(who) })).toBeVisible()
  await page.getByRole('button', { name: 'Check in at this time' }).click()
  await settled(page)
  expect((await standing(page, shift, who))?.status).toBe('in')
})

test('one signs up for three, two come, and both give the hours', async ({ signedIn: page }) => {
  test.slow() // from the draft to the hours
  const who = donor()
  const title = `Plant trees ${who.last}`
  await open(page, '/volunteers/opportunities/new', 'New opportunity')
  await page.getByLabel('Title').fill(title)
  await page.getByLabel('What is it about?').fill('Plant trees along the river.')
  const most = page.getByLabel('How many may come on one sign-up')
  await expect(most).toHaveAccessibleDescription(/^1: everybody signs up for themselves/)
  await most.fill('51')
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await expect(most).toHaveAccessibleDescription(/Enter a number from 1 to 50/)
  await expectAccessible(page)
  await most.fill('4')
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await expect(page.getByText('Published', { exact: true })).toBeVisible()
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? ''
  const { slug } = await api<{ slug: string }>(page, 'GET', `/opportunities/${id}`)
  const { items } = await api<{ items: { id: string; starts_local: string }[] }>(
    page,
    'POST',
    `/opportunities/${id}/shifts`,
    { starts_local: wall(60), ends_local: wall(180), places: 4, window: { closes_before_minutes: 0 } },
  )
  const shift = { id: items[0]?.id ?? '', day: items[0]?.starts_local.slice(0, 10) ?? '' }

  await page.goto(`/volunteer/riverbend/o/${slug}`)
  await page.locator('li.shift').getByRole('checkbox').check()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByLabel('How many people come?').fill('3')
  await page.getByLabel('First name').fill(who.first)
  await page.getByLabel('Last name').fill(who.last)
  await page.getByLabel('E-mail address').fill(who.email)
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Hold my places and mail me the link' }).click()
  await expect(page.getByText('For 3 people, you included')).toBeVisible()
  await expectAccessible(page)
  const letter = await mails(page, who.email, /confirm/i)
  await page.goto(letter.links.find((link) => link.includes('/confirm/')) ?? '')
  await page.getByRole('button', { name: 'Yes, I will come' }).click()
  await expect(page.getByRole('heading', { name: `Thank you, ${who.first}` })).toBeVisible()

  await open(page, `/volunteers/shifts/${shift.id}`, title)
  await expect(page.getByRole('heading', { name: 'Roster: 3 of 4 places' })).toBeVisible()
  await expect(page.getByRole('link', { name: `${nameOf(who)} and 2 others` })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: `Change number…: ${nameOf(who)}` }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('People, with them').fill('5')
  await expect(dialog.getByText('That is one more than there are places')).toBeVisible()
  await expectAccessible(page)
  await dialog.getByLabel('People, with them').fill('4')
  await dialog.getByRole('button', { name: 'Change the number' }).click()
  await expect(page.getByRole('heading', { name: 'Roster: 4 of 4 places' })).toBeVisible()

  await open(page, door(shift), 'Check-in')
  await expect(tab(page, 'Expected')).toContainText('1')
  await expect(page.getByText('4 people, with those they bring.')).toBeVisible()
  await expect(row(page, who)).toContainText('+ 3')
  await page.getByRole('button', { name: `Check in ${nameOf(who)} and 3 others` }).click()
  const last = page.getByRole('group', { name: 'Last step' })
  await expect(last).toContainText(`${nameOf(who)} and 3 others are in.`)
  await last.getByRole('button', { name: 'Undo' }).click()
  await row(page, who).getByRole('button').first().click()
  await dialog.getByRole('button', { name: 'One fewer' }).click()
  await dialog.getByRole('button', { name: 'One fewer' }).click()
  await expect(dialog.getByLabel('How many came')).toHaveValue('2')
  await expectAccessible(page)
  await expectTargets(page, 24)
  await dialog.getByRole('button', { name: 'Check in at this time' }).click()
  await expect(last).toContainText(`${nameOf(who)} and 1 other are in.`)
  await last.getByRole('button', { name: 'Undo' }).click()
  await expect(row(page, who), 'as before').toContainText('+ 3')
  await settled(page)
  expect(await standing(page, shift, who)).toMatchObject({ status: 'confirmed', party: 4 })

  await page.getByRole('button', { name: `Check in ${nameOf(who)} and 3 others` }).click()
  await tab(page, 'In').click()
  await row(page, who).getByRole('button').first().click()
  await dialog.getByLabel('How many came').fill('2')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Change the number' }).click()
  await expect(last).toContainText(`${nameOf(who)}: 2 people came.`)
  await expect(row(page, who)).toContainText('+ 1')
  await expectAccessible(page)
  await page.getByRole('button', { name: `Check out ${nameOf(who)} and 1 other` }).click()
  await expect(last).toContainText(/\d min × 2 people/)
  await settled(page)
  expect(await standing(page, shift, who)).toMatchObject({ status: 'done', party: 2 })

  await open(page, `/volunteers/hours?opportunity=${id}`, 'Hours')
  await expect(page.getByText(/^\d min × 2 people$/)).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: /^Correct the hours/ }).click()
  await dialog.getByRole('textbox', { name: 'Hours' }).fill('2:00')
  await dialog.getByLabel('How many people').fill('3')
  await dialog.getByLabel('Why it differs').fill('One joined them later')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Correct and approve' }).click()
  await expect(page.getByText('Corrected and approved: 2 h × 3 people.').first()).toBeVisible()
  await open(page, '/volunteers/hours/totals?by=opportunity', 'Hours in total')
  await expect(page.getByRole('row').filter({ hasText: title })).toContainText('6 h')
})

test('hours are approved in bulk, corrected and rejected with a reason, and a certificate says so', async ({
  signedIn: page,
}) => {
  test.slow() // three screens and a file
  const shift = await shiftNow(page)
  const people = [donor(), donor(), donor()]
  const ids: string[] = []
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
  for (const who of people) {
    const { id } = await api<{ id: string }>(page, 'POST', '/people', {
      first_name: who.first,
      last_name: who.last,
      email: who.email,
    })
    ids.push(id)
  }
  for (const [n, id] of ids.entries())
    await api(page, 'POST', '/volunteer-hours', {
      person_id: id,
      opportunity_id: shift.opportunity,
      on: yesterday,
      minutes: 60 * (n + 1),
      note: 'sorted books',
    })
  await open(page, `/volunteers/hours?opportunity=${shift.opportunity}`, 'Hours')
  await expect(page.getByText(nameOf(people[0] as Donor))).toBeVisible()
  await expectAccessible(page)

  const line = (who: Donor | undefined) =>
    page.locator('tbody tr, ul.cards > li').filter({ hasText: nameOf(who as Donor) })
  await line(people[0]).getByRole('checkbox').check()
  await line(people[1]).getByRole('checkbox').check()
  await expect(page.getByText('2 chosen: 3 h')).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Approve', exact: true }).click()
  await expect(page.getByText('Approved 2 entries: 3 h.').first()).toBeVisible()
  await expect(line(people[0])).toHaveCount(0)

  await line(people[2])
    .getByRole('button', { name: /^Correct the hours/ })
    .click()
  await page.getByRole('textbox', { name: 'Hours' }).fill('2:30')
  await page.getByRole('button', { name: 'Correct and approve' }).click()
  await expect(page.getByRole('alert').first()).toBeFocused()
  await expectAccessible(page)
  await page.getByLabel('Why it differs').fill('Left half an hour early')
  await page.getByRole('button', { name: 'Correct and approve' }).click()
  await expect(page.getByText('Corrected and approved: 2 h 30 min.').first()).toBeVisible()
  await expect(page.getByText('No hours match')).toBeVisible()

  await page.getByLabel('Status').selectOption({ label: 'All' })
  await expect(line(people[2])).toContainText('Reason: Left half an hour early')
  const csv = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export CSV' }).click()
  expect((await csv).suggestedFilename()).toBe('volunteer-hours.csv')

  await open(page, '/volunteers/hours/totals?by=opportunity', 'Hours in total')
  await expect(page.getByRole('row').filter({ hasText: shift.title })).toContainText('5 h 30 min')
  await expectAccessible(page)
  await open(page, '/volunteers/hours/totals', 'Hours in total')
  await expect(page.getByRole('img', { name: /by month\.$/ })).toBeVisible()
  await expectAccessible(page)

  await open(page, `/people/${ids[2]}`, nameOf(people[2] as Donor))
  await expect(page.getByText('2 h 30 min').first()).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('navigation', { name: 'Person' }).getByRole('link', { name: 'Volunteering' }).click()
  await page.getByRole('button', { name: 'Certificate' }).click()
  await expectAccessible(page)
  const pdf = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download PDF' }).click()
  const file = await (await pdf).createReadStream()
  const head = await new Promise<string>((resolve) =>
    file.once('data', (chunk: Buffer) => resolve(chunk.subarray(0, 5).toString())),
  )
  expect(head).toBe('%PDF-')
})

test('what is known of a volunteer is edited, a credential added and confirmed', async ({
  signedIn: page,
}) => {
  const who = donor()
  const { id } = await api<{ id: string }>(page, 'POST', '/people', {
    first_name: who.first,
    last_name: who.last,
    email: who.email,
  })
  const kind = `First aid ${who.last}`
  await api(page, 'POST', '/credential-kinds', { name: kind, valid_months: 24 })
  await open(page, `/people/${id}/volunteering`, nameOf(who))
  await expectAccessible(page)
  const profile = page.getByRole('region', { name: 'Profile' })
  await profile.getByRole('button', { name: 'Edit' }).click()
  await profile.getByLabel('Status').selectOption({ label: 'Active' })
  await profile.getByLabel(/^Skills/).fill('spanish')
  await profile.getByLabel(/^Skills/).press('Enter')
  await profile.getByRole('checkbox', { name: 'Tuesday, Evening' }).check()
  await expectAccessible(page)
  await profile.getByRole('button', { name: 'Save' }).click()
  await expect(profile.getByText('spanish')).toBeVisible()
  await expect(page.getByText('Active').first()).toBeVisible()

  await page.getByRole('button', { name: 'Add credential' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Kind').selectOption({ label: kind })
  await dialog.getByLabel('I have seen it').uncheck()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Add credential' }).click()
  const proofs = page.getByRole('region', { name: 'Credentials' })
  await expect(proofs.getByText('Not seen yet')).toBeVisible()
  await proofs.getByRole('button', { name: 'I have seen it' }).click()
  await expect(proofs.getByText('Valid', { exact: true })).toBeVisible()
  await expectAccessible(page)
})
