package cause_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/domain/cause"
	"tributary/domain/fault"
)

var (
	org  = uuid.MustParse("019aa000-0000-7000-8000-000000000001")
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
)

func ptr[T any](v T) *T { return &v }

func blames(t *testing.T, err error, field string) {
	t.Helper()
	require.Equal(t, fault.KindInvalid, fault.KindOf(err))
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.Equal(t, field, f.Fields[0].Location)
}

func TestNewCause(t *testing.T) {
	t.Parallel()
	c, err := cause.New(org, cause.Details{Name: " Children’s Library & Café ", Summary: "Books.\r\nMany."}, noon)
	require.NoError(t, err)
	require.Equal(t, "childrens-library-and-cafe", c.Slug)
	require.Equal(t, "Children’s Library & Café", c.Name)
	require.Equal(t, "Books.\nMany.", c.Summary)
	require.Equal(t, cause.Draft, c.Status)
}

func TestNewCauseRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		details cause.Details
		field   string
	}{
		{"no name", cause.Details{Slug: "books"}, "name"},
		{"a long name", cause.Details{Name: strings.Repeat("n", 201), Slug: "books"}, "name"},
		{"a name that reorders text", cause.Details{Name: "Books \u202e", Slug: "books"}, "name"},
		{"a name that makes no slug", cause.Details{Name: "図書館"}, "slug"},
		{"a slug with capitals", cause.Details{Name: "Books", Slug: "Books"}, "slug"},
		{"a slug with two dashes", cause.Details{Name: "Books", Slug: "a--b"}, "slug"},
		{"a slug of 61 characters", cause.Details{Name: "Books", Slug: strings.Repeat("a", 61)}, "slug"},
		{"a long summary", cause.Details{Name: "Books", Summary: strings.Repeat("s", 501)}, "summary"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := cause.New(org, tc.details, noon)
			blames(t, err, tc.field)
		})
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, want string }{
		{"Library", "library"},
		{"  Ünder -- the  Élms!  ", "under-the-elms"},
		{"9/11 Fund", "9-11-fund"},
		{"図書館", ""},
		{strings.Repeat("ab ", 40), strings.TrimSuffix(strings.Repeat("ab-", 20), "-")},
	} {
		require.Equal(t, tc.want, cause.Slug(tc.name), tc.name)
	}
}

func TestApplyCause(t *testing.T) {
	t.Parallel()
	c, err := cause.New(org, cause.Details{Name: "Library"}, noon)
	require.NoError(t, err)
	later := noon.Add(time.Hour)
	require.NoError(t, c.Apply(cause.Patch{Status: ptr(cause.Published), Name: ptr("The library")}, later))
	require.Equal(t, cause.Published, c.Status)
	require.Equal(t, "library", c.Slug, "links keep working when the name changes")
	require.Equal(t, later, c.UpdatedAt)

	before := c
	blames(t, c.Apply(cause.Patch{Status: ptr(cause.Status("gone")), Name: ptr("x")}, later), "status")
	blames(t, c.Apply(cause.Patch{Name: ptr("  ")}, later), "name")
	require.Equal(t, before, c)
}

func TestAddFund(t *testing.T) {
	t.Parallel()
	c, err := cause.New(org, cause.Details{Name: "Library"}, noon)
	require.NoError(t, err)
	f, err := c.AddFund(cause.FundDetails{Code: " lib-01 ", Name: "Library fund", Restriction: cause.ForPurpose}, noon)
	require.NoError(t, err)
	require.Equal(t, "LIB-01", f.Code)
	require.Equal(t, c.ID, f.CauseID)
	require.True(t, f.Active)

	_, err = c.AddFund(cause.FundDetails{Code: "LIB 1", Name: "x", Restriction: cause.ForPurpose}, noon)
	blames(t, err, "code")
	_, err = c.AddFund(cause.FundDetails{Code: "LIB1", Name: "x", Restriction: "secret"}, noon)
	blames(t, err, "restriction")
	_, err = c.AddFund(cause.FundDetails{Code: "LIB1", Restriction: cause.Endowment}, noon)
	blames(t, err, "name")

	require.NoError(t, f.Apply(cause.FundPatch{Active: ptr(false)}, noon))
	require.False(t, f.Active)

	require.NoError(t, c.Apply(cause.Patch{Status: ptr(cause.Archived)}, noon))
	_, err = c.AddFund(cause.FundDetails{Code: "LIB1", Name: "x", Restriction: cause.Endowment}, noon)
	require.ErrorIs(t, err, cause.ErrArchived)
}

func TestEIN(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"01-0631747", "010631747", " 010631747 "} {
		e, err := cause.ParseEIN(text)
		require.NoError(t, err)
		require.Equal(t, "010631747", e.Digits())
		require.Equal(t, "01-0631747", e.String())
	}
	for _, text := range []string{"", "10631747", "0106317470", "01-063174", "01_0631747", "O10631747", "٠١٠٦٣١٧٤٧", "0106-31747"} {
		_, err := cause.ParseEIN(text)
		blames(t, err, "ein")
	}
	require.Empty(t, cause.EIN("").String())
}
