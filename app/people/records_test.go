package people_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tributary/app/people"
	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/person"
)

func TestFirstGiftMakesAPerson(t *testing.T) {
	t.Parallel()
	f := start(t)
	p := f.give(t, person.Details{FirstName: "Maria", LastName: "Gold", Email: "Maria@Example.org"})
	again := f.give(t, person.Details{FirstName: "M.", LastName: "Silver", Email: " maria@example.ORG "})
	require.Equal(t, p.ID, again.ID)
	require.Equal(t, "Maria Gold", again.DisplayName(), "a later gift never renames a person")
	require.Equal(t, "Maria@Example.org", again.EmailAddress())
	require.Equal(t, 1, f.count(t, f.riverID, "SELECT count(*) FROM people"))
	require.Equal(t, 1, f.count(t, f.riverID, "SELECT count(*) FROM audit_events WHERE action = 'person.created' AND subject_id = $1", p.ID))
}

func TestGiftNamesOnlyTheNameless(t *testing.T) {
	t.Parallel()
	f := start(t)
	p := f.give(t, person.Details{Email: "sam@example.org"})
	require.True(t, p.Nameless())
	named := f.give(t, person.Details{FirstName: "Sam", Email: "sam@example.org"})
	require.Equal(t, p.ID, named.ID)
	require.Equal(t, "Sam", named.FirstName)
	require.Equal(t, 2, named.Version)
	blank := f.give(t, person.Details{Email: "sam@example.org"})
	require.Equal(t, "Sam", blank.FirstName)
}

func TestGiftWithoutEmailIsAlwaysSomebodyNew(t *testing.T) {
	t.Parallel()
	f := start(t)
	a := f.give(t, person.Details{FirstName: "Ann", LastName: "Lee"})
	b := f.give(t, person.Details{FirstName: "Ann", LastName: "Lee"})
	require.NotEqual(t, a.ID, b.ID)
}

func TestFiftyFirstGiftsAtOnceAreOnePerson(t *testing.T) {
	t.Parallel()
	f := start(t)
	var all errgroup.Group
	ids := make([]id.ID[person.Person], 50)
	for i := range ids {
		all.Go(func() error {
			return f.db.InTx(t.Context(), database.Tenant(f.riverID), func(tx database.Tx) error {
				p, err := f.FindOrCreateTx(t.Context(), tx, f.riverID, person.Details{
					FirstName: fmt.Sprintf("Name %d", i), Email: []string{"one@example.org", "ONE@Example.org"}[i%2],
				})
				ids[i] = p.ID
				return err
			})
		})
	}
	require.NoError(t, all.Wait())
	for _, got := range ids {
		require.Equal(t, ids[0], got)
	}
	require.Equal(t, 1, f.count(t, f.riverID, "SELECT count(*) FROM people"))
	require.Equal(t, 1, f.count(t, f.riverID, "SELECT count(*) FROM audit_events WHERE action = 'person.created'"))
}

func TestSameAddressAtTwoOrganizationsIsTwoPeople(t *testing.T) {
	t.Parallel()
	f := start(t)
	a, err := f.Create(f.atRiver, person.Details{FirstName: "Ann", Email: "ann@example.org"})
	require.NoError(t, err)
	b, err := f.Create(f.atSea, person.Details{FirstName: "Ann", Email: "ann@example.org"})
	require.NoError(t, err)
	require.NotEqual(t, a.ID, b.ID)
}

func TestCreateRefusesATakenAddress(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, err := f.Create(f.atRiver, person.Details{FirstName: "Ann", Email: "ann@example.org"})
	require.NoError(t, err)
	_, err = f.Create(f.atRiver, person.Details{FirstName: "Other", Email: "ANN@example.org"})
	require.ErrorIs(t, err, person.ErrEmailTaken)
	require.Equal(t, 1, f.count(t, f.riverID, "SELECT count(*) FROM people"))

	_, err = f.Create(f.atRiver, person.Details{Email: "not an address"})
	requireInvalid(t, err, "email")
}

func TestChangeRecordsWhatItWasBefore(t *testing.T) {
	t.Parallel()
	f := start(t)
	p, err := f.Create(f.atRiver, person.Details{FirstName: "Ann", Email: "ann@example.org"})
	require.NoError(t, err)
	f.clock.Advance(time.Hour)
	changed, err := f.Change(f.atRiver, p.ID, 1, person.Patch{LastName: ptr("Lee"), Email: ptr(""), DoNotContact: ptr(true)})
	require.NoError(t, err)
	require.Equal(t, 2, changed.Version)

	read, err := f.Find(f.atRiver, p.ID)
	require.NoError(t, err)
	require.Equal(t, changed, read)
	require.Nil(t, read.Email, "an emptied address is unknown, not blank")
	require.Equal(t, f.clock.Now(), read.UpdatedAt)
	require.Equal(t, 1, f.count(t, f.riverID, `SELECT count(*) FROM audit_events WHERE action = 'person.changed'
		AND before @> '{"email": "ann@example.org", "last_name": ""}' AND after @> '{"email": "", "last_name": "Lee"}' AND NOT after ? 'first_name'`))
}

func TestChangeMeetsAnotherChange(t *testing.T) {
	t.Parallel()
	f := start(t)
	p, err := f.Create(f.atRiver, person.Details{FirstName: "Ann"})
	require.NoError(t, err)
	var both errgroup.Group
	outcomes := make([]error, 8)
	for i := range outcomes {
		both.Go(func() error {
			_, outcomes[i] = f.Change(f.atRiver, p.ID, 1, person.Patch{Phone: ptr(fmt.Sprint("+1 307 555 000", i))})
			return nil
		})
	}
	require.NoError(t, both.Wait())
	won := 0
	for _, err := range outcomes {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, person.ErrChanged)
	}
	require.Equal(t, 1, won)
}

func TestChangeKeepsWhatItRefuses(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, err := f.Create(f.atRiver, person.Details{FirstName: "Bea", Email: "bea@example.org"})
	require.NoError(t, err)
	p, err := f.Create(f.atRiver, person.Details{FirstName: "Ann"})
	require.NoError(t, err)
	_, err = f.Change(f.atRiver, p.ID, 1, person.Patch{Email: ptr("bea@example.org"), City: ptr("Casper")})
	require.ErrorIs(t, err, person.ErrEmailTaken)
	_, err = f.Change(f.atRiver, p.ID, 1, person.Patch{City: ptr("Cas\x00per")})
	requireInvalid(t, err, "city")
	read, err := f.Find(f.atRiver, p.ID)
	require.NoError(t, err)
	require.Equal(t, p, read)
}

func TestAnotherOrganizationSeesNothing(t *testing.T) {
	t.Parallel()
	f := start(t)
	p, err := f.Create(f.atRiver, person.Details{FirstName: "Ann", Email: "ann@example.org"})
	require.NoError(t, err)
	_, err = f.Find(f.atSea, p.ID)
	require.ErrorIs(t, err, person.ErrNotFound)
	_, err = f.Change(f.atSea, p.ID, 1, person.Patch{City: ptr("Casper")})
	require.ErrorIs(t, err, person.ErrNotFound)
	_, err = f.Consent(f.atSea, p.ID, person.Answer{Channel: person.ChannelEmail, Granted: true, Source: person.FromStaff})
	require.ErrorIs(t, err, person.ErrNotFound)
	for _, search := range []string{"", "ann"} {
		found, _, err := f.List(f.atSea, people.Page{Search: search, Limit: 50})
		require.NoError(t, err)
		require.Empty(t, found)
	}
}

func TestConsentNewestAnswerCounts(t *testing.T) {
	t.Parallel()
	f := start(t)
	p, err := f.Create(f.atRiver, person.Details{FirstName: "Ann", Email: "ann@example.org"})
	require.NoError(t, err)
	yes := person.Answer{Channel: person.ChannelEmail, Granted: true, Source: person.FromStaff, Wording: "Said so by phone"}
	record, err := f.Consent(f.atRiver, p.ID, yes)
	require.NoError(t, err)
	require.True(t, record.Consents.Allows(person.ChannelEmail))
	require.Equal(t, "Said so by phone", record.Consents[person.ChannelEmail].Wording)

	no := yes
	no.Granted = false // at the very same instant: the later one still wins
	record, err = f.Consent(f.atRiver, p.ID, no)
	require.NoError(t, err)
	require.False(t, record.Consents.Allows(person.ChannelEmail))
	require.NotContains(t, record.Consents, person.ChannelPhone)
	require.Equal(t, 2, f.count(t, f.riverID, "SELECT count(*) FROM consents"), "every answer is kept")
	require.Equal(t, 2, f.count(t, f.riverID, "SELECT count(*) FROM audit_events WHERE action = 'consent.recorded'"))

	_, err = f.Consent(f.atRiver, id.New[person.Person](), yes)
	require.ErrorIs(t, err, person.ErrNotFound)
}

func TestListPagesThroughEverybodyOnce(t *testing.T) {
	t.Parallel()
	f := start(t)
	for i := range 23 {
		_, err := f.Create(f.atRiver, person.Details{FirstName: fmt.Sprintf("Person %02d", i), LastName: "Smith"})
		require.NoError(t, err)
		if i%3 == 0 { // several share an instant
			f.clock.Advance(time.Minute)
		}
	}
	for _, search := range []string{"", "smith"} {
		seen := map[string]bool{}
		page := people.Page{Search: search, Limit: 5}
		for {
			found, more, err := f.List(f.atRiver, page)
			require.NoError(t, err)
			for i, p := range found {
				require.False(t, seen[p.FirstName])
				seen[p.FirstName] = true
				require.True(t, i == 0 || !p.CreatedAt.After(found[i-1].CreatedAt), "newest first")
			}
			if !more {
				break
			}
			require.Len(t, found, 5)
			last := found[len(found)-1]
			page.Before = people.Position{CreatedAt: last.CreatedAt, ID: last.ID}
		}
		require.Len(t, seen, 23)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	f := start(t)
	for _, d := range []person.Details{
		{FirstName: "Maria", LastName: "Lopez", Email: "m.lopez@example.org"},
		{FirstName: "Mario", LastName: "Rossi", Email: "rossi@example.com"},
		{FirstName: "Zoë", LastName: "Østergård", Email: "zoe@example.dk"},
		{FirstName: "100%", LastName: "O'Neil_x"},
		{FirstName: `Back\slash`, LastName: "<b>Bold</b>"},
		{FirstName: "Al", LastName: "Wu"},
	} {
		_, err := f.Create(f.atRiver, d)
		require.NoError(t, err)
	}
	for _, tc := range []struct {
		search string
		want   []string
	}{
		{"mari", []string{"Maria Lopez", "Mario Rossi"}},
		{"MARIA", []string{"Maria Lopez"}},
		{"lopez maria", []string{"Maria Lopez"}},
		{"example mari", []string{"Maria Lopez", "Mario Rossi"}},
		{"example.org", []string{"Maria Lopez"}},
		{"m.lopez@example.org", []string{"Maria Lopez"}},
		{"ØSTER", []string{"Zoë Østergård"}},
		{"wu", []string{"Al Wu"}},
		{"al w", []string{"Al Wu"}},
		{"ar", nil}, // two letters look at the start of words only
		{"ma", []string{"Maria Lopez", "Mario Rossi"}},
		{"100%", []string{"100% O'Neil_x"}},
		{"%%", nil},
		{"__", nil},
		{"l_x", []string{"100% O'Neil_x"}},
		{`k\s`, []string{`Back\slash <b>Bold</b>`}},
		{"<b>", []string{`Back\slash <b>Bold</b>`}},
		{"'; drop", nil},
	} {
		found, more, err := f.List(f.atRiver, people.Page{Search: tc.search, Limit: 50})
		require.NoError(t, err, tc.search)
		require.False(t, more)
		var names []string
		for _, p := range found {
			names = append(names, p.DisplayName())
		}
		require.ElementsMatch(t, tc.want, names, tc.search)
	}
}

func TestSearchRefuses(t *testing.T) {
	t.Parallel()
	f := start(t)
	for _, search := range []string{"a", " é ", "a b c d e f g h i", strings.Repeat("x", 101), "an\x00n"} {
		_, _, err := f.List(f.atRiver, people.Page{Search: search, Limit: 50})
		requireInvalid(t, err, "search")
	}
	_, _, err := f.List(f.atRiver, people.Page{Search: "   ", Limit: 50})
	require.NoError(t, err, "nothing typed lists everybody")
}
