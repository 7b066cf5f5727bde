package account_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/domain/account"
	"tributary/domain/fault"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func riverbend(t *testing.T) account.Organization {
	t.Helper()
	o, err := account.NewOrganization(account.OrganizationDetails{Name: "Riverbend Trust", Kind: account.Nonprofit}, noon)
	require.NoError(t, err)
	return o
}

// codes lists what is wrong with which field.
func codes(t *testing.T, err error) map[string]string {
	t.Helper()
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	found := map[string]string{}
	for _, field := range f.Fields {
		found[field.Location] = field.Code
	}
	return found
}

func TestNewOrganizationFillsInWhatIsUsual(t *testing.T) {
	t.Parallel()
	o := riverbend(t)
	require.Equal(t, "riverbend-trust", o.Slug)
	require.Equal(t, "Riverbend Trust", o.LegalName)
	require.Equal(t, []string{"US", "America/New_York", "USD"}, []string{o.Country, o.Zone, o.Currency})
	require.Equal(t, "America/New_York", o.Location().String())
	require.False(t, o.Verified())
	require.Nil(t, o.FormattedEIN())
}

func TestNewOrganizationSaysEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := account.NewOrganization(account.OrganizationDetails{
		Name: " ", Kind: "club", Slug: "Not A Slug", Country: "USA", Zone: "Local", Currency: "XYZ",
	}, noon)
	require.Equal(t, map[string]string{
		"name": "text.required", "kind": "organization.kind_unknown", "slug": "slug.invalid", "country": "organization.country_invalid",
		"zone": "organization.zone_unknown", "currency": "organization.currency_unknown",
	}, codes(t, err))
}

func TestZonesAreNamesOnly(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Local", "../../etc/passwd", "/etc/localtime", "Europe/Atlantis", "america/new_york", "UTC+3"} {
		_, err := account.NewOrganization(account.OrganizationDetails{Name: "Riverbend", Kind: account.Nonprofit, Zone: zone}, noon)
		require.Equal(t, map[string]string{"zone": "organization.zone_unknown"}, codes(t, err), zone)
	}
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"} {
		_, err := account.NewOrganization(account.OrganizationDetails{Name: "Riverbend", Kind: account.Nonprofit, Zone: zone}, noon)
		require.NoError(t, err, zone)
	}
}

func TestApplyChangesOnlyWhatIsNamed(t *testing.T) {
	t.Parallel()
	o := riverbend(t)
	later := noon.Add(time.Hour)
	before, after, err := o.Apply(account.OrganizationPatch{
		Name: new("Riverbend"), Email: new(" Hello@Riverbend.example "), BrandColor: new("#AABBCC"), ReceiptPrefix: new("rb-"),
		FiscalYearStart: new(int16(7)), Zone: new(o.Zone), EmbedOrigins: &[]string{"https://www.Riverbend.example/", "https://www.riverbend.example"},
	}, later)
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"name": "Riverbend", "email": "Hello@Riverbend.example", "brand_color": "#aabbcc", "receipt_prefix": "RB-", "fiscal_year_start": int16(7),
		"embed_origins": account.Origins{"https://www.riverbend.example"},
	}, after)
	require.Equal(t, "Riverbend Trust", before["name"])
	require.Len(t, before, len(after))
	require.Equal(t, later, o.UpdatedAt)
	require.Equal(t, "Riverbend Trust", o.LegalName)
}

func TestApplyOfBadSettingsChangesNothing(t *testing.T) {
	t.Parallel()
	o := riverbend(t)
	was := o
	_, _, err := o.Apply(account.OrganizationPatch{
		Name: new("Fine"), LegalName: new(""), Email: new("nobody"), Website: new("javascript:alert(1)"), Country: new("Utopia"), Zone: new("Nowhere"),
		BrandColor: new("red"), ReceiptPrefix: new("too long for it"), FiscalYearStart: new(int16(13)), EmbedOrigins: &[]string{"https://a.example/path"},
	}, noon.Add(time.Hour))
	require.Equal(t, map[string]string{
		"legal_name": "text.required", "email": "email.invalid", "website": "organization.website_invalid", "country": "organization.country_invalid",
		"zone": "organization.zone_unknown", "brand_color": "organization.color_invalid", "receipt_prefix": "organization.prefix_invalid",
		"fiscal_year_start": "organization.fiscal_year_invalid", "embed_origins": "organization.origin_invalid",
	}, codes(t, err))
	require.Equal(t, was, o)
}

func TestAVerifiedLegalNameStays(t *testing.T) {
	t.Parallel()
	o := riverbend(t)
	o.EIN, o.EINVerifiedAt = new("830123456"), new(noon)
	_, _, err := o.Apply(account.OrganizationPatch{LegalName: new("Something Grander")}, noon)
	require.ErrorIs(t, err, account.ErrLegalNameVerified)
	_, _, err = o.Apply(account.OrganizationPatch{LegalName: new(o.LegalName)}, noon)
	require.NoError(t, err)
	require.Equal(t, "83-0123456", *o.FormattedEIN())
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	origins, err := account.NewOrigins([]string{"https://Give.example:8443", "http://localhost:5173/"})
	require.NoError(t, err)
	require.Equal(t, account.Origins{"https://give.example:8443", "http://localhost:5173"}, origins)
	for _, site := range []string{
		"", "give.example", "http://give.example", "https://give.example/page", "https://give.example?x=1", "https://user@give.example", "https://*",
		"https://*.example", "https://give.example;script-src *", "https://give.example 'unsafe-inline'", "javascript:alert(1)", "https://give.example:",
		"https://[::1]", "data:text/html,x", "https://intranet",
	} {
		_, err := account.NewOrigins([]string{site})
		require.ErrorIs(t, err, account.ErrOriginInvalid, site)
	}
	text, err := origins.Value()
	require.NoError(t, err)
	var back account.Origins
	require.NoError(t, back.Scan(text))
	require.Equal(t, origins, back)
	require.NoError(t, back.Scan("{}"))
	require.Empty(t, back)
	require.Error(t, back.Scan(7))
}

func TestSlugs(t *testing.T) {
	t.Parallel()
	for _, slug := range []string{"", "a", "-ab", "ab-", "a--b", "Ab", "a b", "ü1", "0123456789012345678901234567890123456789x"} {
		require.ErrorIs(t, account.CheckSlug(slug), account.ErrSlugInvalid, slug)
	}
	require.ErrorIs(t, account.CheckSlug("admin"), account.ErrSlugReserved)
	require.NoError(t, account.CheckSlug("harbor-food-bank"))
	for name, want := range map[string]string{
		"Harbor Food Bank": "harbor-food-bank", "  St. Mary's — School ": "st-marys-school", "日本": "", "A & B": "a-b",
		"An organization with a name of more than forty letters": "an-organization-with-a-name-of-more-than",
	} {
		require.Equal(t, want, account.Slugify(name))
	}
}
