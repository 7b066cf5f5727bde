package volunteering_test

import (
	"bytes"
	"context"
	"flag"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/account"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

var update = flag.Bool("update-feed", false, "write testdata/feed.ics anew")

// feedOf is the address of a person's calendar feed.
func (w *world) feedOf(p person.Person) string {
	w.t.Helper()
	var secret string
	w.inTx(func(tx database.Tx) error {
		return tx.QueryRow(w.t.Context(), `select feed_token from volunteers where person_id = $1`, p.ID).Scan(&secret)
	})
	return "/volunteer/riverbend/feed/" + secret + ".ics"
}

// ask gets a feed, with the tag of what one has already.
func (v *visitor) ask(address, tag string) (*http.Response, []byte) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.url+address, http.NoBody)
	require.NoError(v.t, err)
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	answer, err := v.client.Do(r)
	require.NoError(v.t, err)
	defer func() { require.NoError(v.t, answer.Body.Close()) }()
	body, err := io.ReadAll(answer.Body)
	require.NoError(v.t, err)
	return answer, body
}

// events reads a calendar with a parser that is not ours.
func events(t testing.TB, calendar []byte) []ical.Event {
	t.Helper()
	strictly(t, calendar)
	cal, err := ical.NewDecoder(bytes.NewReader(calendar)).Decode()
	require.NoError(t, err, string(calendar))
	return cal.Events()
}

// strictly checks what parsers forgive: lines end with CR LF and have at most 75 octets, and nothing but tabs below the space is in them.
func strictly(t testing.TB, calendar []byte) {
	t.Helper()
	require.True(t, bytes.HasSuffix(calendar, []byte("\r\n")))
	for line := range strings.SplitSeq(strings.TrimSuffix(string(calendar), "\r\n"), "\r\n") {
		require.LessOrEqual(t, len(line), 75, line)
		require.False(t, strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f || r == '\uFFFD' }), "%q", line)
	}
}

func text(t testing.TB, e ical.Event, name string) string {
	t.Helper()
	s, err := e.Props.Text(name)
	require.NoError(t, err)
	return s
}

func TestAFeedSaysWhatWhenAndWhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity(func(d *volunteer.Details) {
		latitude, longitude := 41.5, -73.25
		d.Place.Latitude, d.Place.Longitude = &latitude, &longitude
	})
	maya := w.person("Maya", "Ruiz", "maya@example.org")
	first := w.signUp(maya, w.shift(o, "2026-11-28T09:00", 1, func(d *volunteer.ShiftDetails) { d.MeetingPoint = "Gate B" }))
	full := w.shift(o, "2026-12-05T09:00", 1)
	w.signUp(w.person("Ada", "Other", "ada@example.org"), full)
	w.wait(maya, full)

	answer, body := w.visit().ask(w.feedOf(maya), "")
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.Equal(t, "text/calendar; charset=utf-8", answer.Header.Get("Content-Type"))
	require.Equal(t, "private, max-age=300", answer.Header.Get("Cache-Control"))
	require.Equal(t, `inline; filename="shifts.ics"`, answer.Header.Get("Content-Disposition"))
	require.Equal(t, "no-referrer", answer.Header.Get("Referrer-Policy"))
	all := events(t, body)
	require.Len(t, all, 2)
	require.Equal(t, first.ID.String()+"@give.example.org", text(t, all[0], ical.PropUID))
	require.Equal(t, "Pack food parcels", text(t, all[0], ical.PropSummary))
	require.Equal(t, "Food bank, 5 Dock Street, Riverbend NY 12500, US", text(t, all[0], ical.PropLocation))
	require.Equal(t, `Riverbend Trust
When: Sat 28 Nov 2026, 09:00–12:00 EST
Meeting point: Gate B
Getting there: Ring at the blue door.
Contact: Mo Carter, mo@riverbend.example, 555 0100
My shifts: https://give.example.org/my/riverbend/shifts`, text(t, all[0], ical.PropDescription))
	status, err := all[0].Status()
	require.NoError(t, err)
	require.Equal(t, ical.EventConfirmed, status)
	starts, err := all[0].DateTimeStart(time.UTC)
	require.NoError(t, err)
	ends, err := all[0].DateTimeEnd(time.UTC)
	require.NoError(t, err)
	require.Equal(t, at("2026-11-28T14:00:00Z"), starts)
	require.Equal(t, at("2026-11-28T17:00:00Z"), ends)
	require.Equal(t, "41.5;-73.25", all[0].Props.Get(ical.PropGeo).Value)
	status, err = all[1].Status()
	require.NoError(t, err)
	require.Equal(t, ical.EventTentative, status)
	require.Equal(t, "Pack food parcels (waitlist)", text(t, all[1], ical.PropSummary))
	require.NotContains(t, string(body), "Ada", "a feed names nobody else")
	require.NotContains(t, string(body), "maya", "nor the one whose it is: addresses leak")
}

func TestAFeedFollowsWhatBecomesOfShifts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	maya := w.person("Maya", "Ruiz", "maya@example.org")
	moving, called := w.shift(o, "2026-11-28T09:00", 2), w.shift(o, "2026-11-29T09:00", 2)
	place := w.signUp(maya, moving)
	w.signUp(maya, called)
	v, address := w.visit(), w.feedOf(maya)
	sequence := func(e ical.Event) int {
		n, err := e.Props.Get(ical.PropSequence).Int()
		require.NoError(t, err)
		return n
	}
	answer, body := v.ask(address, "")
	before, tag := events(t, body), answer.Header.Get("Etag")
	require.NotEmpty(t, tag)

	w.moved(moving, startsAt("2026-11-28T10:00"))
	require.NoError(t, w.volunteering.ApplyTo(w.owner, w.org, called.ID, func(r *volunteer.Roster, now time.Time) error {
		require.NoError(t, r.Shift.Cancel("Storm", now))
		r.CallOff(now)
		return nil
	}))
	answer, body = v.ask(address, tag)
	require.Equal(t, http.StatusOK, answer.StatusCode)
	after := events(t, body)
	require.Len(t, after, 2)
	require.Equal(t, text(t, before[0], ical.PropUID), text(t, after[0], ical.PropUID))
	require.Greater(t, sequence(after[0]), sequence(before[0]), "or calendars keep the old time")
	starts, err := after[0].DateTimeStart(time.UTC)
	require.NoError(t, err)
	require.Equal(t, at("2026-11-28T15:00:00Z"), starts)
	status, err := after[1].Status()
	require.NoError(t, err)
	require.Equal(t, ical.EventCancelled, status)
	require.Equal(t, "Pack food parcels (cancelled)", text(t, after[1], ical.PropSummary))
	require.Contains(t, text(t, after[1], ical.PropDescription), "Cancelled: Storm")

	require.NoError(t, w.volunteering.ApplyTo(w.owner, w.org, moving.ID, func(r *volunteer.Roster, now time.Time) error {
		return r.Withdraw(place.ID, volunteer.ByVolunteer, "", now)
	}))
	_, body = v.ask(address, "")
	status, err = events(t, body)[0].Status()
	require.NoError(t, err)
	require.Equal(t, ical.EventCancelled, status)
	w.signUp(maya, moving)
	_, body = v.ask(address, "")
	again := events(t, body)
	require.Len(t, again, 2, "the shift stands there once")
	require.Equal(t, "Pack food parcels", text(t, again[0], ical.PropSummary))

	w.clock.Advance(31 * 24 * time.Hour)
	_, body = v.ask(address, "")
	require.Len(t, events(t, body), 1, "what was cancelled leaves after a month")
	w.clock.Advance(70 * 24 * time.Hour)
	_, body = v.ask(address, "")
	require.Empty(t, events(t, body), "what was leaves after a quarter")
}

func TestNightsInWhichTheClocksChangeAreInstants(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	maya := w.person("Maya", "Ruiz", "maya@example.org")
	w.signUp(maya, w.shift(w.opportunity(), "2027-03-13T22:00", 1, overnight))
	_, body := w.visit().ask(w.feedOf(maya), "")
	all := events(t, body)
	starts, err := all[0].DateTimeStart(time.UTC)
	require.NoError(t, err)
	ends, err := all[0].DateTimeEnd(time.UTC)
	require.NoError(t, err)
	require.Equal(t, at("2027-03-14T03:00:00Z"), starts)
	require.Equal(t, at("2027-03-14T10:00:00Z"), ends, "eight hours on the wall are seven")
	require.Contains(t, text(t, all[0], ical.PropDescription), "When: Sat 13 Mar 2027, 22:00 EST – Sun 14 Mar 2027, 06:00 EDT")
}

func TestAFeedThatHasNotChangedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	maya := w.person("Maya", "Ruiz", "maya@example.org")
	w.signUp(maya, w.shift(o, "2026-11-28T09:00", 5))
	v, address := w.visit(), w.feedOf(maya)
	answer, _ := v.ask(address, "")
	tag := answer.Header.Get("Etag")
	for _, asked := range []string{tag, strings.TrimPrefix(tag, "W/"), `"other", ` + tag, "*"} {
		answer, body := v.ask(address, asked)
		require.Equal(t, http.StatusNotModified, answer.StatusCode, asked)
		require.Empty(t, body)
		require.Equal(t, tag, answer.Header.Get("Etag"))
		require.Equal(t, "private, max-age=300", answer.Header.Get("Cache-Control"))
	}
	w.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `update opportunities set place_name = 'New hall', version = version + 1`)
		return err
	})
	answer, body := v.ask(address, tag)
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.Contains(t, text(t, events(t, body)[0], ical.PropLocation), "New hall")
	require.NotEqual(t, tag, answer.Header.Get("Etag"))
}

func TestAFeedOpensByItsTokenOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	maya := w.person("Maya", "Ruiz", "maya@example.org")
	w.signUp(maya, w.shift(w.opportunity(), "2026-11-28T09:00", 5))
	v, address := w.visit(), w.feedOf(maya)
	other := w.org
	other.ID, other.Slug = id.New[account.Organization](), "elsewhere"
	require.NoError(t, w.db.InTx(t.Context(), database.Tenant(other.ID.UUID), func(tx database.Tx) error { return tx.Gorm(t.Context()).Create(&other).Error }))
	for _, wrong := range []string{
		strings.TrimSuffix(address, ".ics"), "/volunteer/riverbend/feed/.ics", "/volunteer/riverbend/feed/nobody.ics", "/volunteer/riverbend/feed/%00.ics",
		"/volunteer/riverbend/feed/" + uuid.NewString() + ".ics", strings.Replace(address, "riverbend", "elsewhere", 1), strings.ToLower(address),
	} {
		answer, body := v.ask(wrong, "*")
		require.Equal(t, http.StatusNotFound, answer.StatusCode, wrong)
		require.NotContains(t, string(body), "BEGIN:VCALENDAR")
	}
	_, err := w.volunteering.NewFeedToken(w.self(maya))
	require.NoError(t, err)
	answer, _ := v.ask(address, "")
	require.Equal(t, http.StatusNotFound, answer.StatusCode, "a new address ends the old one")
	answer, _ = v.ask(w.feedOf(maya), "")
	require.Equal(t, http.StatusOK, answer.StatusCode)
}

// TestAFeedThatIsAskedForAllTheTimeIsLimited has one program ask a thousand times: who says what they have is answered, and who does not gets no
// more than thirty whole feeds.
func TestAFeedThatIsAskedForAllTheTimeIsLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.volunteering.LimitBy(&counter{})
	maya := w.person("Maya", "Ruiz", "maya@example.org")
	w.signUp(maya, w.shift(w.opportunity(), "2026-11-28T09:00", 5))
	v, address, tag := w.visit(), w.feedOf(maya), ""
	answers := map[int]int{}
	for i := range 1000 {
		known := ""
		if i%10 != 0 {
			known = tag
		}
		answer, _ := v.ask(address, known)
		answers[answer.StatusCode]++
		if answer.StatusCode == http.StatusOK {
			tag = answer.Header.Get("Etag")
		}
	}
	require.Equal(t, map[int]int{http.StatusOK: 30, http.StatusNotModified: 900, http.StatusTooManyRequests: 70}, answers)
}

// counter refuses what comes after the n-th.
type counter struct{ hits int }

func (c *counter) Allow(_ context.Context, _, _ string, n int, _ time.Duration) error {
	if c.hits++; c.hits > n {
		return fault.New(fault.KindRateLimited, "request.too_many", "Too many requests. Come back later.")
	}
	return nil
}

// hostile are texts that break what writes calendars carelessly. Domain rules refuse control characters from forms; what an import or an older
// version left behind is read here.
var hostile = map[string]string{
	"line ends":  "Pack\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:planted",
	"lone CR":    "a\rATTENDEE:mailto:x@example.org",
	"separators": `a;b,c:d\e\nf"g"`,
	"emoji":      strings.Repeat("👩‍👩‍👧‍👦🥕", 40),
	"long":       strings.Repeat("x", 500),
	"long wide":  strings.Repeat("ü", 500),
	"right":      "\u200fשלום, \u202eevil\u202c; مرحبا",
	"unicode":    "a\u2028BEGIN:VALARM\u2029b\u0085c",
	"controls":   "a\x01\x02\x07b\x7fc",
	"spaces":     strings.Repeat(" ", 100) + "x" + strings.Repeat(" ", 100),
}

func TestHostileTextsStayOneEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	maya := w.person("Maya", "Ruiz", "maya@example.org")
	o := w.opportunity()
	s := w.shift(o, "2026-11-28T09:00", 1)
	u := w.signUp(maya, s)
	for name, bad := range hostile {
		w.org.Name = bad
		o.Title, o.Place.Name, o.Directions, o.ContactName, s.MeetingPoint = bad, bad, bad+"\n"+bad, bad, bad
		body := w.volunteering.Calendar(w.org, s, o, u)
		all := events(t, body)
		require.Len(t, all, 1, name)
		require.Equal(t, 1, strings.Count("\r\n"+string(body), "\r\nBEGIN:VEVENT\r\n"), name)
		require.NotContains(t, strings.ReplaceAll(string(body), "\r\n ", ""), "\r\nATTENDEE", name)
		require.NotContains(t, strings.ReplaceAll(string(body), "\r\n ", ""), "\r\nBEGIN:VALARM", name)
		want := strings.Join(strings.FieldsFunc(bad, func(r rune) bool {
			return strings.ContainsRune(" \r\n\t\u2028\u2029\u0085\x01\x02\x07\x7f", r)
		}), " ")
		require.Equal(t, want, text(t, all[0], ical.PropSummary), name)
		require.Contains(t, text(t, all[0], ical.PropLocation), want, name)
		require.Contains(t, text(t, all[0], ical.PropDescription), "Contact: "+want, name)
	}
}

// TestTheGoldenFeed writes the calendar that the frontend's tests read with another parser (ical.js).
func TestTheGoldenFeed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	org := uuid.MustParse("01930000-0000-7000-8000-000000000001")
	moment := at("2026-11-22T15:00:00Z")
	o := volunteer.Opportunity{
		OrgID: org, Title: `Pack "parcels", fast; 🥕 \ carrots`, Zone: "America/New_York", Directions: "Ring twice.\nMind the dog; it bites, hard.", ContactName: "Mo, Carter",
		ContactEmail: "mo@riverbend.example", Place: volunteer.Place{Name: "Food bank; hall 2", AddressLine1: "5 Dock Street", City: "Riverbend", Region: "NY", PostalCode: "12500"},
		Version: 1, UpdatedAt: moment,
	}
	shift := func(starts, ends string) volunteer.Shift {
		zone := w.org.Location()
		return volunteer.Shift{
			OrgID: org, Zone: "America/New_York", StartsLocal: wall(starts), EndsLocal: wall(ends), StartsAt: wall(starts).In(zone), EndsAt: wall(ends).In(zone),
			Status: volunteer.Open, Version: 2, UpdatedAt: moment,
		}
	}
	sign := func(n string, status volunteer.SignUpStatus) volunteer.SignUp {
		return volunteer.SignUp{OrgID: org, ID: id.From[volunteer.SignUp](uuid.MustParse("01930000-0000-7000-8000-00000000000" + n)), Status: status, Version: 3, UpdatedAt: moment}
	}
	called := shift("2026-11-30T09:00", "2026-11-30T12:00")
	called.Status, called.CancelReason = volunteer.Cancelled, "Storm, heavy"
	calendar := w.volunteering.CalendarOf(w.org,
		volunteering.CalendarEntry{Shift: shift("2026-11-28T09:00", "2026-11-28T12:00"), Offer: o, SignUp: sign("1", volunteer.Confirmed)},
		volunteering.CalendarEntry{Shift: shift("2027-03-13T22:00", "2027-03-14T06:00"), Offer: o, SignUp: sign("2", volunteer.Waiting)},
		volunteering.CalendarEntry{Shift: called, Offer: o, SignUp: sign("3", volunteer.Withdrawn)},
	)
	require.Len(t, events(t, calendar), 3)
	const golden = "testdata/feed.ics"
	if *update {
		require.NoError(t, os.WriteFile(golden, calendar, 0o600))
	}
	kept, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(kept), string(calendar), "run go test ./app/volunteering -run TestTheGoldenFeed -update-feed, and npm test in frontend")
}

func TestAMailCarriesTheShiftAsItIsWhenItIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 2)
	u := w.signUp(w.person("Maya", "Ruiz", "maya@example.org"), s)
	ref := strings.TrimPrefix(w.lastMail("maya@example.org").Attachments[0].Key, "shift:")
	w.moved(s, startsAt("2026-11-28T10:00"))
	body, err := w.volunteering.CalendarAttachment(t.Context(), w.org.ID.UUID, ref)
	require.NoError(t, err)
	starts, err := events(t, body)[0].DateTimeStart(time.UTC)
	require.NoError(t, err)
	require.Equal(t, at("2026-11-28T15:00:00Z"), starts)
	require.Contains(t, text(t, events(t, body)[0], ical.PropUID), u.ID.String())
	_, err = w.volunteering.CalendarAttachment(t.Context(), w.org.ID.UUID, uuid.NewString())
	require.Equal(t, fault.KindNotFound, fault.KindOf(err))
	_, err = w.volunteering.CalendarAttachment(t.Context(), w.org.ID.UUID, "nonsense")
	require.Error(t, err)
}
