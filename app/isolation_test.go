package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest"
	"tributary/app/platform/database"
	"tributary/app/platform/web"
	"tributary/domain/account"
)

// targets are the tables in which an operation's path finds its object, by the segment before the parameter.
var targets = map[string]string{
	"donations": "donations", "people": "people", "campaigns": "campaigns", "causes": "causes", "funds": "funds", "receipts": "receipts",
	"tokens": "api_tokens", "invitations": "invitations", "payouts": "payouts", "refunds": "refunds", "messages": "messages",
	"promises": "promises", "instalments": "instalments", "help-offers": "offers_of_help",
}

// walk is the world in which every operation is tried by people who must not.
type walk struct {
	*apptest.World
	t          *testing.T
	operations []web.Operation
	victim     account.Organization
	stranger   *apptest.Client // owner of another organization
	roleless   *apptest.Client // signed in, belongs nowhere
}

func startWalk(t *testing.T) *walk {
	t.Helper()
	w := &walk{World: apptest.Start(t), t: t}
	require.NoError(t, w.Seed(t.Context(), w.Sandbox))
	w.RunJobs()
	w.operations = w.Server().API().Operations()
	var err error
	w.victim, err = w.Access().OrganizationBySlug(t.Context(), "riverbend")
	require.NoError(t, err)
	w.stranger = w.SignIn(w.Found("elsewhere"))
	w.roleless = w.SignIn(apptest.Member{Login: w.Login("nobody@nowhere.example")})
	return w
}

// public reports operations that judge nobody.
func public(op web.Operation) bool { return op.Permission == web.Public }

// ofOrganization reports operations that a role's permission guards.
func ofOrganization(op web.Operation) bool {
	return !slices.Contains([]account.Permission{web.Public, web.SignedIn, web.Supporter, web.Operator}, op.Permission)
}

var parameter = regexp.MustCompile(`\{(\w+)\}`)

// path fills the parameters with ids of the victim's rows.
func (w *walk) path(op web.Operation) string {
	segments := strings.Split(op.Path, "/")
	for i, segment := range segments {
		if !parameter.MatchString(segment) {
			continue
		}
		switch name := parameter.FindStringSubmatch(segment)[1]; name {
		case "channel":
			segments[i] = "email"
		case "login_id":
			segments[i] = w.idIn("memberships", "login_id")
		default:
			segments[i] = uuid.NewString()
			switch table := targets[segments[i-1]]; table {
			case "":
			case "payouts":
				segments[i] = w.idIn(table, "payout_id")
			default:
				segments[i] = w.idIn(table, "id")
			}
		}
	}
	return strings.Join(segments, "/")
}

// idIn is one of the victim's rows, or a fresh id when the demonstration has none.
func (w *walk) idIn(table, column string) string {
	found := ""
	require.NoError(w.t, w.DB.Read(w.t.Context(), database.Tenant(w.victim.ID.UUID), func(r database.Reader) error {
		return r.QueryRow(w.t.Context(), "SELECT coalesce(min("+column+"::text), '') FROM "+table).Scan(&found)
	}))
	if found == "" {
		return uuid.NewString()
	}
	return found
}

// body makes input that passes the contract, so that what refuses it is not its form.
func (w *walk) body(op web.Operation) any {
	if op.Spec.RequestBody == nil {
		return nil
	}
	for kind, media := range op.Spec.RequestBody.Content {
		if kind == "application/json" {
			return w.sample(media.Schema)
		}
	}
	return "x"
}

func (w *walk) sample(s *huma.Schema) any {
	if s.Ref != "" {
		s = w.schemas().SchemaFromRef(s.Ref)
	}
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Type == huma.TypeObject:
		object := map[string]any{}
		for _, name := range s.Required {
			object[name] = w.sample(s.Properties[name])
			if name == "ids" || strings.HasSuffix(name, "_ids") { // the items of a list say nothing of their form
				object[name] = []any{sampleID}
			}
		}
		return object
	case s.Type == huma.TypeArray:
		least := 0
		if s.MinItems != nil {
			least = *s.MinItems
		}
		items := []any{}
		for range least {
			items = append(items, w.sample(s.Items))
		}
		return items
	case s.Type == huma.TypeInteger, s.Type == huma.TypeNumber:
		if s.Minimum != nil {
			return *s.Minimum
		}
		return 1
	case s.Type == huma.TypeBoolean:
		return true
	}
	return sampleText(s)
}

// sampleID is nobody's.
const sampleID = "0197c000-0000-7000-8000-00000000000a"

func sampleText(s *huma.Schema) string {
	if len(s.Examples) > 0 {
		return fmt.Sprint(s.Examples[0])
	}
	switch s.Format {
	case "uuid":
		return sampleID
	case "date":
		return "2026-01-31"
	case "date-time":
		return "2026-01-31T10:00:00Z"
	case "email":
		return "someone@example.org"
	}
	if s.Pattern != "" && strings.Contains(s.Pattern, "A-Z") {
		return "USD"
	}
	length := 3
	if s.MinLength != nil {
		length = max(length, *s.MinLength)
	}
	return strings.Repeat("x", length)
}

func (w *walk) schemas() huma.Registry { return w.Server().API().Schemas() }

func (w *walk) try(c *apptest.Client, op web.Operation, path string) *apptest.Response {
	w.t.Helper()
	return c.Send(op.Method, path, w.body(op))
}

// fingerprint sums up every row that the victim has, but for what limits and replays keep.
func (w *walk) fingerprint() map[string]string {
	sums := map[string]string{}
	for table, columns := range tables(w.t, w.DB) {
		if _, tenant := columns["org_id"]; !tenant || table == "idempotency_keys" {
			continue
		}
		var sum string
		require.NoError(w.t, w.DB.Read(w.t.Context(), database.Tenant(w.victim.ID.UUID), func(r database.Reader) error {
			return r.QueryRow(w.t.Context(), "SELECT coalesce(md5(string_agg(x::text, '|' ORDER BY x::text)), '') FROM "+table+" x").Scan(&sum)
		}))
		sums[table] = sum
	}
	return sums
}

// TestIsolation holds for every operation there is, in one world, since none of the three may change it.
func TestIsolation(t *testing.T) {
	t.Parallel()
	w := startWalk(t)
	before := w.fingerprint()
	w.nobodyGetsIn()
	w.aLoginWithoutRoleIsRefused()
	w.anotherOrganizationsOwnerSeesNothing()
	require.Equal(t, before, w.fingerprint(), "something of the organization changed")
	w.withoutTenantThereIsNoRow()
}

func (w *walk) nobodyGetsIn() {
	for _, op := range w.operations {
		if public(op) {
			continue
		}
		w.try(w.Nobody(), op, w.path(op)).Problem(http.StatusUnauthorized, "session.required")
	}
}

func (w *walk) aLoginWithoutRoleIsRefused() {
	for _, op := range w.operations {
		if !ofOrganization(op) {
			continue
		}
		w.try(w.roleless, op, w.path(op)).Problem(http.StatusForbidden, "organization.not_chosen")
		got := w.try(w.roleless.For(w.victim.Slug), op, w.path(op))
		require.Contains(w.t, []int{http.StatusForbidden, http.StatusNotFound}, got.StatusCode, "%s as a stranger of the organization: %s", op.ID, got.Text)
	}
}

func (w *walk) anotherOrganizationsOwnerSeesNothing() {
	secrets := w.secrets()
	for _, op := range w.operations {
		if !ofOrganization(op) {
			continue
		}
		path := w.path(op)
		named := w.try(w.stranger.For(w.victim.Slug), op, path)
		require.Contains(w.t, []int{http.StatusForbidden, http.StatusNotFound}, named.StatusCode, "%s in the name of the other organization: %s", op.ID, named.Text)

		own := w.try(w.stranger, op, path)
		if parameter.MatchString(op.Path) {
			require.Equal(w.t, http.StatusNotFound, own.StatusCode, "%s with the other organization's id: %s", op.ID, own.Text)
		}
		for _, secret := range secrets {
			if !strings.Contains(path, secret) {
				require.NotContains(w.t, own.Text, secret, "%s shows another organization's row", op.ID)
			}
		}
	}
}

// secrets are texts that only the victim may see: ids and addresses.
func (w *walk) secrets() []string {
	var raw []byte
	require.NoError(w.t, w.DB.Read(w.t.Context(), database.Tenant(w.victim.ID.UUID), func(r database.Reader) error {
		return r.QueryRow(w.t.Context(), `SELECT json_agg(x) FROM (
			SELECT id::text x FROM donations UNION SELECT reference FROM donations UNION SELECT id::text FROM people UNION SELECT email FROM people WHERE email <> ''
			UNION SELECT id::text FROM receipts UNION SELECT id::text FROM messages UNION SELECT id::text FROM funds) found`).Scan(&raw)
	}))
	var texts []string
	require.NoError(w.t, json.Unmarshal(raw, &texts))
	require.Greater(w.t, len(texts), 100)
	return texts
}

// withoutTenantThereIsNoRow runs plain SQL as the program's role.
func (w *walk) withoutTenantThereIsNoRow() {
	t, org := w.t, w.victim
	other, err := w.Access().OrganizationBySlug(t.Context(), "acme")
	require.NoError(t, err)
	filled := 0
	for table, columns := range tables(t, w.DB) {
		if _, tenant := columns["org_id"]; !tenant || acrossTenants[table] != "" {
			continue
		}
		if count(t, w.DB, database.Tenant(org.ID.UUID), table) > 0 {
			filled++
		}
		require.Zero(t, count(t, w.DB, database.Platform(), table), "%s shows rows without a tenant", table)
		require.Zero(t, count(t, w.DB, database.Tenant(uuid.New()), table), "%s shows rows to a tenant that does not exist", table)
		theirs := "SELECT count(*) FROM " + table + " WHERE org_id <> $1"
		var leaked int
		require.NoError(t, w.DB.Read(t.Context(), database.Tenant(other.ID.UUID), func(r database.Reader) error {
			return r.QueryRow(t.Context(), theirs, other.ID.UUID).Scan(&leaked)
		}))
		require.Zero(t, leaked, "%s shows another tenant's rows", table)
	}
	require.Greater(t, filled, 12, "the demonstration fills most tables")

	err = w.DB.InTx(t.Context(), database.Tenant(other.ID.UUID), func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO causes SELECT * FROM jsonb_populate_record(NULL::causes,
			jsonb_build_object('org_id', $1::text, 'id', $2::text, 'slug', 'x', 'name', 'x', 'summary', '', 'status', 'draft', 'created_at', now(), 'updated_at', now()))`,
			org.ID.String(), uuid.NewString())
		return err
	})
	require.ErrorContains(t, err, "row-level security", "a row cannot be written for another tenant")
}

func count(t *testing.T, db *database.DB, scope database.Scope, table string) (n int) {
	t.Helper()
	require.NoError(t, db.Read(t.Context(), scope, func(r database.Reader) error {
		return r.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n)
	}))
	return n
}
