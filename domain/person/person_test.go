package person_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/domain/fault"
	"tributary/domain/person"
)

var (
	org  = uuid.MustParse("019aa000-0000-7000-8000-000000000001")
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
)

func ptr[T any](v T) *T { return &v }

func TestNewPerson(t *testing.T) {
	t.Parallel()
	p, err := person.New(org, person.Details{FirstName: "  Maria ", LastName: "Søby", Email: " Maria@Example.org ", Country: "us"}, noon)
	require.NoError(t, err)
	require.Equal(t, "Maria Søby", p.DisplayName())
	require.Equal(t, "Maria@Example.org", p.EmailAddress(), "the address is kept as written")
	require.Equal(t, "maria@example.org", *p.EmailNormalized)
	require.Equal(t, "US", p.Country)
	require.Equal(t, 1, p.Version)
	require.False(t, p.ID.IsZero())
}

func TestNewPersonKeepsMarkupAsText(t *testing.T) {
	t.Parallel()
	p, err := person.New(org, person.Details{FirstName: `<script>alert("x")</script>`, LastName: "'; DROP TABLE people; --"}, noon)
	require.NoError(t, err)
	require.Equal(t, `<script>alert("x")</script> '; DROP TABLE people; --`, p.DisplayName())
}

func TestNewPersonWithOnlyAnEmail(t *testing.T) {
	t.Parallel()
	p, err := person.New(org, person.Details{Email: "a@example.org"}, noon)
	require.NoError(t, err)
	require.True(t, p.Nameless())
	require.Equal(t, "a@example.org", p.DisplayName())
}

func TestNewPersonRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		details person.Details
		field   string
	}{
		{"nobody at all", person.Details{}, "first_name"},
		{"only blanks", person.Details{FirstName: " ", LastName: "\t"}, "first_name"},
		{"only marks without ink", person.Details{FirstName: "\u200b\u200d"}, "first_name"},
		{"a name of 101 characters", person.Details{FirstName: strings.Repeat("é", 101)}, "first_name"},
		{"a line break in a name", person.Details{FirstName: "Ann", LastName: "Lee\r\nBcc: x@example.org"}, "last_name"},
		{"a NUL in a name", person.Details{FirstName: "A\x00n"}, "first_name"},
		{"a right-to-left override", person.Details{LastName: "\u202egnp.eel"}, "last_name"},
		{"an isolate", person.Details{LastName: "a\u2066b"}, "last_name"},
		{"a line separator", person.Details{LastName: "a\u2028b"}, "last_name"},
		{"broken UTF-8", person.Details{LastName: "a\xff"}, "last_name"},
		{"an e-mail address without a domain", person.Details{FirstName: "Ann", Email: "ann@"}, "email"},
		{"a country in three letters", person.Details{FirstName: "Ann", Country: "USA"}, "country"},
		{"a long phone number", person.Details{FirstName: "Ann", Phone: strings.Repeat("1", 41)}, "phone"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := person.New(org, tc.details, noon)
			require.Equal(t, fault.KindInvalid, fault.KindOf(err))
			var f *fault.Error
			require.ErrorAs(t, err, &f)
			require.Equal(t, tc.field, f.Fields[0].Location)
		})
	}
}

func TestNewPersonReportsEveryMistake(t *testing.T) {
	t.Parallel()
	_, err := person.New(org, person.Details{FirstName: "a\x00", Email: "nope", City: strings.Repeat("c", 101)}, noon)
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.Len(t, f.Fields, 3)
}

func TestNewPersonTakesScriptsThatJoin(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"نگاه‌دار", "O’Brien", "李 小龍", "Nguyễn", strings.Repeat("é", 100), "👩‍👧"} {
		p, err := person.New(org, person.Details{FirstName: name}, noon)
		require.NoError(t, err, name)
		require.Equal(t, name, p.FirstName)
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	p, err := person.New(org, person.Details{FirstName: "Ann", Email: "ann@example.org"}, noon)
	require.NoError(t, err)
	later := noon.Add(time.Hour)

	changed, err := p.Apply(person.Patch{LastName: ptr("Lee"), City: ptr("Casper"), DoNotContact: ptr(true), FirstName: ptr("Ann")}, later)
	require.NoError(t, err)
	require.Equal(t, []string{"last_name", "city", "do_not_contact"}, changed)
	require.Equal(t, 2, p.Version)
	require.Equal(t, later, p.UpdatedAt)

	changed, err = p.Apply(person.Patch{LastName: ptr(" Lee ")}, later.Add(time.Hour))
	require.NoError(t, err)
	require.Empty(t, changed)
	require.Equal(t, 2, p.Version, "a patch that changes nothing is no change")
	require.Equal(t, later, p.UpdatedAt)
}

func TestApplyLeavesThePersonAloneOnError(t *testing.T) {
	t.Parallel()
	p, err := person.New(org, person.Details{FirstName: "Ann", Email: "ann@example.org"}, noon)
	require.NoError(t, err)
	before := p
	_, err = p.Apply(person.Patch{City: ptr("Casper"), Email: ptr("nope")}, noon)
	require.Equal(t, fault.KindInvalid, fault.KindOf(err))
	require.Equal(t, before, p)

	_, err = p.Apply(person.Patch{FirstName: ptr(""), Email: ptr("")}, noon)
	require.ErrorContains(t, err, "person.nameless")
	require.Equal(t, before, p)
}

func TestConsent(t *testing.T) {
	t.Parallel()
	p, err := person.New(org, person.Details{FirstName: "Ann"}, noon)
	require.NoError(t, err)
	c, err := person.NewConsent(org, p.ID, person.Answer{
		Channel: person.ChannelEmail, Granted: true, Source: person.FromGivingPage, Wording: " Send me news ",
	}, noon)
	require.NoError(t, err)
	require.Equal(t, "Send me news", c.Wording)
	consents := person.Consents{c.Channel: c}
	require.True(t, consents.Allows(person.ChannelEmail))
	require.False(t, consents.Allows(person.ChannelPhone), "no answer is no")

	_, err = person.NewConsent(org, p.ID, person.Answer{Channel: "pigeon", Source: person.FromStaff}, noon)
	require.ErrorContains(t, err, "consent.channel")
	_, err = person.NewConsent(org, p.ID, person.Answer{
		Channel: person.ChannelPost, Source: person.FromStaff, Wording: strings.Repeat("w", 501),
	}, noon)
	require.ErrorContains(t, err, "wording")
}
