package volunteering_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/id"
	"tributary/domain/message"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// lastMail is the newest mail to an address.
func (f *field) lastMail(to string) message.Message {
	f.t.Helper()
	all := f.mails(to)
	require.NotEmpty(f.t, all, "no mail to %s", to)
	return all[len(all)-1]
}

// allMails lists every mail, the oldest first.
func (f *field) allMails() (all []message.Message) {
	f.t.Helper()
	f.inTx(func(tx database.Tx) error { return tx.Gorm(f.t.Context()).Order("created_at, id").Find(&all).Error })
	return all
}

// whole checks what holds for every mail.
func (f *field) whole(m message.Message) {
	f.t.Helper()
	for _, slip := range []string{"<no value>", "%!", "{{", "}}", "0001", "  ", " .", "..", "()", "ZgotmplZ"} {
		require.NotContains(f.t, m.Subject+"\n"+m.Text, slip, m.Subject)
	}
	require.NotContains(f.t, m.HTML, "ZgotmplZ", m.Subject)
	require.NotContains(f.t, m.HTML, "<no value>", m.Subject)
	require.Equal(f.t, strings.TrimSpace(m.Subject), m.Subject)
	require.Contains(f.t, m.HTML, "Riverbend Trust")
	require.Contains(f.t, m.Text, "You get this mail because")
}

var tokens = regexp.MustCompile(`https://give\.example\.org/volunteer/riverbend/[a-z]+/([A-Za-z0-9_-]+)`)

// tokenIn is the signed part of the first address of this site in a mail, after a part of the path.
func tokenIn(t testing.TB, m message.Message, part string) string {
	t.Helper()
	for _, found := range tokens.FindAllStringSubmatch(m.Text, -1) {
		if strings.Contains(found[0], "/"+part+"/") {
			return found[1]
		}
	}
	require.Fail(t, "no address with "+part, m.Text)
	return ""
}

func TestAConfirmationSaysWhenWhereAndWhomToAsk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 2, func(d *volunteer.ShiftDetails) { d.Title, d.MeetingPoint = "early team", "Gate B" })
	w.signUp(w.person("Maya", "Ruiz", "maya@example.org"), s)

	m := w.lastMail("maya@example.org")
	w.whole(m)
	require.Equal(t, "sign_up.confirmed", m.Kind)
	require.Equal(t, "You have a place: Pack food parcels: early team, Sat 28 Nov 2026, 09:00–12:00 EST", m.Subject)
	require.Equal(t, "Riverbend Trust", m.FromName)
	require.Equal(t, "Maya Ruiz", m.ToName)
	require.Equal(t, `Hello Maya,

thank you for helping Riverbend Trust! You have a place:

Pack food parcels: early team
When: Sat 28 Nov 2026, 09:00–12:00 EST
Where: Food bank, 5 Dock Street, Riverbend NY 12500, US
Meeting point: Gate B
Getting there: Ring at the blue door.
Contact: Mo Carter, mo@riverbend.example, 555 0100

The calendar file with this mail puts the shift into your calendar.

Can you not come? Please give your place back, so that somebody else gets it, until Sat 28 Nov 2026, 07:00 EST:
https://give.example.org/my/riverbend/shifts

--
Riverbend Trust

You get this mail because you signed up to help Riverbend Trust.
`, m.Text)
	require.Contains(t, m.HTML, "Sat 28 Nov 2026, 09:00–12:00 EST")
	require.Contains(t, m.HTML, `href="https://give.example.org/my/riverbend/shifts"`)
	require.Contains(t, m.HTML, `href="mailto:mo@riverbend.example"`)
	require.Len(t, m.Attachments, 1)
	require.Equal(t, "shift.ics", m.Attachments[0].Name)
	require.Equal(t, "text/calendar; charset=utf-8", m.Attachments[0].ContentType)
	w.settle() // the outbox can make the attachment
}

// TestAWaitlistIsToldStepByStep lives through a full shift: two wait, the first lets the offer lapse, the second takes it, the third is told that
// nothing came free.
func TestAWaitlistIsToldStepByStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 1)
	maya := w.signUp(w.person("Maya", "Ruiz", "maya@example.org"), s)
	w.wait(w.person("Ada", "One", "ada@example.org"), s)
	w.wait(w.person("Ben", "Two", "ben@example.org"), s)
	w.wait(w.person("Cem", "Three", "cem@example.org"), s)
	require.Contains(t, w.lastMail("ben@example.org").Text, "You are number 2 on its waitlist:")

	require.NoError(t, w.volunteering.ApplyTo(w.owner, w.org, s.ID, func(r *volunteer.Roster, now time.Time) error {
		return r.Withdraw(maya.ID, volunteer.ByVolunteer, "", now)
	}))
	require.Equal(t, []string{"sign_up.confirmed", "sign_up.cancelled"}, w.mailed("maya@example.org"))
	require.Equal(t, "You gave your place back: Pack food parcels, Sat 28 Nov 2026, 09:00–12:00 EST", w.lastMail("maya@example.org").Subject)
	require.Len(t, w.lastMail("maya@example.org").Attachments, 1, "which takes it out of the calendar")
	offer := w.lastMail("ada@example.org")
	require.Equal(t, "A place is free for you until Sun 22 Nov 2026, 22:00 EST: Pack food parcels", offer.Subject)
	require.Contains(t, offer.HTML, "/volunteer/riverbend/offer/")

	w.ring(13*time.Hour, s)
	require.Equal(t, []string{"sign_up.waiting", "sign_up.offered", "sign_up.offer_lapsed"}, w.mailed("ada@example.org"))
	of, err := w.volunteering.OpenOffer(w.org, tokenIn(t, w.lastMail("ben@example.org"), "offer"))
	require.NoError(t, err)
	require.NoError(t, w.volunteering.ApplyTo(w.owner, w.org, s.ID, func(r *volunteer.Roster, now time.Time) error { return r.Accept(of, now) }))
	require.Equal(t, []string{"sign_up.waiting", "sign_up.offered", "sign_up.confirmed"}, w.mailed("ben@example.org"))

	w.clock.Set(s.ClosesAt)
	w.ring(0, s)
	require.Equal(t, []string{"sign_up.waiting", "sign_up.waitlist_closed"}, w.mailed("cem@example.org"))
	for _, m := range w.allMails() {
		w.whole(m)
	}
	before := len(w.allMails())
	w.ring(time.Minute, s)
	require.Len(t, w.allMails(), before, "nothing is told twice")
}

func TestWhoIsTakenOffIsToldWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 1)
	place, line := w.signUp(w.person("Maya", "Ruiz", "maya@example.org"), s), w.wait(w.person("Ada", "One", "ada@example.org"), s)
	require.NoError(t, w.volunteering.ApplyTo(w.owner, w.org, s.ID, func(r *volunteer.Roster, now time.Time) error {
		require.NoError(t, r.Withdraw(line.ID, volunteer.ByStaff, "", now))
		return r.Withdraw(place.ID, volunteer.ByStaff, "The van is <full>.", now)
	}))
	m := w.lastMail("maya@example.org")
	require.Equal(t, "You are off the shift: Pack food parcels, Sat 28 Nov 2026, 09:00–12:00 EST", m.Subject)
	require.Contains(t, m.Text, "we had to take you off this shift:")
	require.Contains(t, m.Text, "Why: The van is <full>.")
	require.Contains(t, m.HTML, "The van is &lt;full&gt;.")
	require.Contains(t, w.lastMail("ada@example.org").Text, "we had to take you off the waitlist of this shift:")
	w.whole(m)
}

func TestWhatIsOvertakenOrOverIsNotTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	s, over := w.shift(o, "2026-11-28T09:00", 1), w.shift(o, "2026-11-21T09:00", 1)
	maya := w.person("Maya", "Ruiz", "maya@example.org")
	w.signUp(maya, over)
	require.Empty(t, w.mailed("maya@example.org"), "staff wrote down who was there")
	require.NoError(t, w.volunteering.ApplyTo(w.owner, w.org, s.ID, func(r *volunteer.Roster, now time.Time) error {
		u := r.Add(volunteer.SignUp{PersonID: &maya.ID.UUID, Status: volunteer.Confirmed, Source: volunteer.FromWalkIn}, false, now)
		return r.CheckIn(u.ID, now, now)
	}))
	require.Empty(t, w.mailed("maya@example.org"), "who stands there needs no mail that they may come")
}

func TestManyShiftsAtOnceAreOneMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	first, second, full := w.shift(o, "2026-11-28T09:00", 2), w.shift(o, "2026-11-29T22:00", 2, overnight), w.shift(o, "2026-12-05T09:00", 1)
	w.signUp(w.person("Ada", "One", "ada@example.org"), full)
	maya := w.person("Maya", "Ruiz", "maya@example.org")
	require.NoError(t, w.volunteering.SeatAll(w.owner, w.org, maya.ID.UUID, first.ID, second.ID, full.ID))
	require.Equal(t, []string{"sign_up.confirmed"}, w.mailed("maya@example.org"))
	m := w.lastMail("maya@example.org")
	w.whole(m)
	require.Equal(t, "You have a place in 2 shifts of Riverbend Trust", m.Subject)
	require.Contains(t, m.Text, "When: Sun 29 Nov 2026, 22:00 EST – Mon 30 Nov 2026, 06:00 EST")
	require.Contains(t, m.Text, "You are on their waitlist")
	require.Contains(t, m.Text, "When: Sat 5 Dec 2026, 09:00–12:00 EST")
	require.Contains(t, m.Text, "Your position in line: 1")
	require.Len(t, strings.Split(m.Attachments[0].Key, ","), 2, "the calendar holds what they have a place in")
	w.settle()
}

func overnight(d *volunteer.ShiftDetails) { d.EndsLocal = d.StartsLocal.Add(8 * time.Hour) }

func TestHostileTextsStayTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `update organizations set name = $1 where slug = 'riverbend'`, "Riverbend Trust "+strings.Repeat("River ", 30))
		return err
	})
	w.org.Name = "Riverbend Trust " + strings.Repeat("River ", 30)
	o := w.opportunity(func(d *volunteer.Details) {
		d.Title, d.Directions = `<script>alert("1")</script> & more`, "First line\n</td><img src=x onerror=alert(1)>"
		d.ContactName, d.Place.Name = `"><b>Mo</b>`, strings.Repeat("ä", 200)
	})
	p := w.person("<b>Maya</b> {{.Secret}}", "רויז", "maya@example.org")
	s := w.shift(o, "2026-11-28T09:00", 1, func(d *volunteer.ShiftDetails) { d.Title = strings.Repeat("x", 120) })
	w.signUp(p, s)
	m := w.lastMail("maya@example.org")
	require.NotContains(t, m.HTML, "<script")
	require.NotContains(t, m.HTML, "<img")
	require.NotContains(t, m.HTML, "<b>")
	require.Contains(t, m.HTML, "&lt;script&gt;")
	require.Contains(t, m.HTML, "First line<br>&lt;/td&gt;")
	require.Contains(t, m.Text, "Hello <b>Maya</b> {{.Secret}},")
	require.LessOrEqual(t, len([]rune(m.Subject)), 200)
	require.True(t, strings.HasSuffix(m.Subject, "…"))
}

func TestWhoCannotBeWrittenToHoldsNothingUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 5)
	require.Equal(t, volunteer.Confirmed, w.signUp(w.person("No", "Mail", ""), s).Status)
	wrong := w.person("Wrong", "Mail", "wrong@example.org")
	w.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `update people set email = 'no address' where id = $1`, wrong.ID)
		return err
	})
	w.signUp(wrong, s)
	silent := w.person("Silent", "One", "silent@example.org")
	w.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `update people set do_not_contact = true where id = $1`, silent.ID)
		return err
	})
	w.signUp(silent, s)
	require.Len(t, w.allMails(), 1)
	require.Equal(t, []string{"sign_up.confirmed"}, w.mailed("silent@example.org"), "what somebody did is confirmed to them in any case")
}

func TestAnUnconfirmedRequestIsAskedToConfirm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	s, full := w.shift(o, "2026-11-28T09:00", 1), w.shift(o, "2026-11-29T09:00", 1)
	r := volunteer.Request{
		OrgID: w.org.ID.UUID, ID: id.New[volunteer.Request](), FirstName: "Win a prize at evil.example", Email: "new@example.org", Waits: true,
		HoldUntil: w.now().Add(volunteer.RequestHold),
	}
	w.inTx(func(tx database.Tx) error {
		return w.volunteering.RequestMail(t.Context(), tx, w.org, r, "s3cret", []id.ID[volunteer.Shift]{s.ID}, []id.ID[volunteer.Shift]{full.ID})
	})
	m := w.lastMail("new@example.org")
	w.whole(m)
	require.Equal(t, "sign_up.request", m.Kind)
	require.Equal(t, "Confirm your shift at Riverbend Trust", m.Subject)
	require.Contains(t, m.Text, "https://give.example.org/volunteer/riverbend/confirm/s3cret")
	require.Contains(t, m.Text, "held for you until Sun 22 Nov 2026, 10:30 EST")
	require.Contains(t, m.Text, "Full: you join the waitlist once you confirm:")
	require.NotContains(t, m.Text+m.HTML+m.ToName, "evil.example", "nobody writes to strangers in our name")
	require.True(t, m.Secret)
	require.Nil(t, m.PersonID)
	require.Empty(t, m.Attachments)
}

func TestWhoIsAskedToCoverAnswersByLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 1)
	ada, ben, cem := w.person("Ada", "One", "ada@example.org"), w.person("Ben", "Two", "ben@example.org"), w.person("Cem", "Three", "cem@example.org")
	w.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `update people set do_not_contact = true where id = $1`, cem.ID)
		return err
	})
	c := volunteer.Cover{OrgID: w.org.ID.UUID, ID: id.New[volunteer.Cover](), ShiftID: s.ID, Message: "Mo is ill.\n<b>Help!</b>", CreatedAt: w.now()}
	w.store(&c)
	asks := make([]volunteer.Ask, 3)
	for i, p := range []person.Person{ada, ben, cem} {
		asks[i] = volunteer.Ask{
			OrgID: w.org.ID.UUID, ID: id.New[volunteer.Ask](), CoverID: c.ID, ShiftID: s.ID, PersonID: p.ID.UUID, Reasons: volunteer.Words{}, Answer: volunteer.Asked, CreatedAt: w.now(),
		}
	}
	w.store(&asks)
	for range 2 {
		w.inTx(func(tx database.Tx) error { return w.volunteering.CoverMail(t.Context(), tx, w.org, c, asks) })
	}
	require.Len(t, w.allMails(), 2, "once to each, and not to who wants no mail")
	m := w.lastMail("ada@example.org")
	w.whole(m)
	require.Equal(t, "Riverbend Trust needs you: Pack food parcels, Sat 28 Nov 2026, 09:00–12:00 EST", m.Subject)
	require.Contains(t, m.HTML, "Mo is ill.<br>&lt;b&gt;Help!&lt;/b&gt;")
	of, err := w.volunteering.OpenAsk(w.org, tokenIn(t, m, "cover"))
	require.NoError(t, err)
	require.Equal(t, asks[0].ID, of)

	w.inTx(func(tx database.Tx) error {
		if _, err := tx.Exec(t.Context(), `update cover_asks set answer = 'yes' where id = $1`, asks[0].ID); err != nil {
			return err
		}
		return w.volunteering.CoverTakenMail(t.Context(), tx, w.org, c.ID)
	})
	require.Equal(t, []string{"cover.request"}, w.mailed("ada@example.org"))
	require.Equal(t, []string{"cover.request", "cover.taken"}, w.mailed("ben@example.org"))
	require.Contains(t, w.lastMail("ben@example.org").Text, "you need not answer any more")
	w.whole(w.lastMail("ben@example.org"))
}

func TestDecidedHoursAreToldWithTheReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	maya, ada := w.person("Maya", "Ruiz", "maya@example.org"), w.person("Ada", "One", "ada@example.org")
	hours := func(p person.Person, on string, reason string) volunteer.Hours {
		return volunteer.Hours{
			ID: id.New[volunteer.Hours](), PersonID: p.ID.UUID, OpportunityID: o.ID, On: wall(on + "T00:00").Day(), Minutes: 150, Reason: reason, Version: 2,
		}
	}
	rejected := []volunteer.Hours{hours(maya, "2026-11-20", "You were not there."), hours(ada, "2026-11-20", "Twice."), hours(maya, "2026-11-21", "Nor <there>.")}
	for range 2 {
		w.inTx(func(tx database.Tx) error {
			return w.volunteering.HoursMails(t.Context(), tx, w.org, rejected, hours(ada, "2026-11-19", "You stayed longer."))
		})
		rejected[0].Version = 2
	}
	require.Equal(t, []string{"hours.rejected"}, w.mailed("maya@example.org"))
	m := w.lastMail("maya@example.org")
	w.whole(m)
	require.Contains(t, m.Text, "Fri 20 Nov 2026, Pack food parcels: 2 h 30 min\nWhy: You were not there.\n")
	require.Contains(t, m.Text, "Sat 21 Nov 2026, Pack food parcels: 2 h 30 min\nWhy: Nor <there>.\n")
	require.Contains(t, m.HTML, "Nor &lt;there&gt;.")
	require.Contains(t, m.Text, "https://give.example.org/my/riverbend/shifts/hours")
	require.Contains(t, w.lastMail("ada@example.org").Text, "Why: You stayed longer.")
	require.Contains(t, w.mailed("ada@example.org"), "hours.corrected")
}

func TestLinksOpenOneThingOfOneOrganization(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 1)
	place := w.signUp(w.person("Maya", "Ruiz", "maya@example.org"), s)
	w.wait(w.person("Ada", "One", "ada@example.org"), s)
	require.NoError(t, w.volunteering.ApplyTo(w.owner, w.org, s.ID, func(r *volunteer.Roster, now time.Time) error {
		return r.Withdraw(place.ID, volunteer.ByStaff, "", now)
	}))
	token := tokenIn(t, w.lastMail("ada@example.org"), "offer")
	_, err := w.volunteering.OpenOffer(w.org, token)
	require.NoError(t, err)
	_, err = w.volunteering.OpenAsk(w.org, token)
	require.ErrorIs(t, err, volunteer.ErrCover)
	_, err = w.volunteering.OpenOptOut(w.org, token)
	require.ErrorIs(t, err, volunteer.ErrVolunteer)
	other := w.org
	other.ID.UUID = uuid.New()
	_, err = w.volunteering.OpenOffer(other, token)
	require.ErrorIs(t, err, volunteer.ErrSignUp)
	_, err = w.volunteering.OpenOffer(w.org, token[:len(token)-2]+"AA")
	require.ErrorIs(t, err, volunteer.ErrSignUp)
}

func TestTimesAreSaidInTheZoneOfTheShift(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ zone, starts, ends, want string }{
		{"America/New_York", "2026-11-28T09:00", "2026-11-28T12:00", "Sat 28 Nov 2026, 09:00–12:00 EST"},
		{"America/New_York", "2027-03-13T22:00", "2027-03-14T06:00", "Sat 13 Mar 2027, 22:00 EST – Sun 14 Mar 2027, 06:00 EDT"},
		{"America/New_York", "2026-11-01T00:30", "2026-11-01T03:00", "Sun 1 Nov 2026, 00:30 EDT – Sun 1 Nov 2026, 03:00 EST"},
		{"Asia/Kathmandu", "2026-11-28T09:00", "2026-11-28T12:00", "Sat 28 Nov 2026, 09:00–12:00 UTC+05:45"},
	} {
		zone, err := time.LoadLocation(tc.zone)
		require.NoError(t, err)
		s := volunteer.Shift{Zone: tc.zone, StartsLocal: wall(tc.starts), EndsLocal: wall(tc.ends)}
		s.StartsAt, s.EndsAt = s.StartsLocal.In(zone), s.EndsLocal.In(zone)
		require.Equal(t, tc.want, volunteering.Span(s))
	}
}
