package app_test

import (
	"go/ast"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm/schema"

	"tributary/app/giving"
	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
	"tributary/domain/account"
	"tributary/domain/audit"
	"tributary/domain/campaign"
	"tributary/domain/cause"
	"tributary/domain/donation"
	"tributary/domain/message"
	"tributary/domain/payment"
	"tributary/domain/person"
	"tributary/domain/promise"
	"tributary/domain/volunteer"
)

// models are the types that GORM maps to a whole table.
var models = []schema.Tabler{
	account.APIToken{}, account.Invitation{}, account.Login{}, account.LoginEvent{}, account.LoginToken{}, account.Membership{}, account.Organization{},
	account.Session{}, audit.Record{}, campaign.Campaign{}, cause.Cause{}, cause.Fund{}, cause.RegistryEntry{}, donation.Donation{}, donation.Refund{},
	message.LoginMessage{}, message.Message{}, payment.Attempt{}, payment.Event{}, payment.Payout{}, person.Consent{}, person.Link{}, person.Person{}, promise.Card{}, promise.Instalment{},
	promise.Promise{}, promise.Setup{},
	person.Session{}, giving.Payment{}, volunteer.Opportunity{}, volunteer.CredentialKind{}, volunteer.Profile{}, volunteer.Credential{},
	volunteer.Series{}, volunteer.Shift{}, volunteer.Request{}, volunteer.SignUp{}, volunteer.Notice{}, volunteer.NoticeItem{}, volunteer.Cover{},
	volunteer.Ask{}, volunteer.Hours{}, volunteer.HelpOffer{},
}

type column struct {
	nullable bool
	filled   bool // by the database: a default, an identity or a generated value
}

// tables reads the columns of every table of ours.
func tables(t *testing.T, db *database.DB) map[string]map[string]column {
	t.Helper()
	found := map[string]map[string]column{}
	err := db.Read(t.Context(), database.Platform(), func(r database.Reader) error {
		rows, err := r.Query(t.Context(), `
			SELECT c.table_name, c.column_name, c.is_nullable = 'YES', c.column_default IS NOT NULL OR c.is_identity = 'YES' OR c.is_generated = 'ALWAYS'
			FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
			WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.table_name NOT LIKE 'river_%' AND c.table_name <> 'goose_db_version'`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var table, name string
			var c column
			if err := rows.Scan(&table, &name, &c.nullable, &c.filled); err != nil {
				return err
			}
			if found[table] == nil {
				found[table] = map[string]column{}
			}
			found[table][name] = c
		}
		return rows.Err()
	})
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}

func TestEveryModelEqualsItsTable(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	found := tables(t, db)
	for _, model := range models {
		parsed, err := schema.Parse(model, &sync.Map{}, schema.NamingStrategy{})
		require.NoError(t, err)
		columns, ok := found[parsed.Table]
		require.True(t, ok, "%T: there is no table %s", model, parsed.Table)
		for _, field := range parsed.Fields {
			if field.DBName == "" {
				continue
			}
			column, ok := columns[field.DBName]
			require.True(t, ok, "%T.%s: table %s has no column %s", model, field.Name, parsed.Table, field.DBName)
			if field.FieldType.Kind() == reflect.Pointer {
				require.True(t, column.nullable, "%T.%s is a pointer, %s.%s is never null", model, field.Name, parsed.Table, field.DBName)
			}
		}
		for name, column := range columns {
			require.True(t, column.filled || parsed.LookUpField(name) != nil, "%T lacks the column %s.%s", model, parsed.Table, name)
		}
	}
}

func TestEveryDomainModelIsChecked(t *testing.T) {
	t.Parallel()
	var checked []string
	for _, model := range models {
		checked = append(checked, model.TableName())
	}
	for _, s := range sources(t) {
		if !strings.HasPrefix(s.path, "domain/") {
			continue
		}
		for _, d := range s.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "TableName" {
				for _, table := range returned(f) {
					require.Contains(t, checked, table, "%s: add the model to the list of schema_test.go", s.path)
				}
			}
		}
	}
}

// returned finds the text that a method returns.
func returned(f *ast.FuncDecl) (texts []string) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok {
			texts = append(texts, strings.Trim(literal.Value, `"`))
		}
		return true
	})
	return texts
}

// acrossTenants are the tables with an org_id that belong to no tenant, with the reason.
var acrossTenants = map[string]string{
	"stripe_events":  "an event comes in before anybody knows whose it is",
	"stripe_objects": "says whose an event is; holds ids only",
}

func TestEveryTenantTableIsIsolated(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	found := tables(t, db)
	type guard struct {
		forced   bool
		firstKey string
		policies int
	}
	guards := map[string]guard{}
	require.NoError(t, db.Read(t.Context(), database.Platform(), func(r database.Reader) error {
		rows, err := r.Query(t.Context(), `
			SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
				coalesce((SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
					WHERE i.indrelid = c.oid AND i.indisprimary), ''),
				(SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid)
			FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r'`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var name string
			var g guard
			if err := rows.Scan(&name, &g.forced, &g.firstKey, &g.policies); err != nil {
				return err
			}
			guards[name] = g
		}
		return rows.Err()
	}))
	isolated := 0
	for table, columns := range found {
		if _, tenant := columns["org_id"]; !tenant || acrossTenants[table] != "" {
			continue
		}
		isolated++
		g := guards[table]
		require.True(t, g.forced, "%s: row level security is not forced", table)
		require.Equal(t, "org_id", g.firstKey, "%s: org_id comes first in the key", table)
		require.Positive(t, g.policies, "%s has no policy", table)
	}
	require.Greater(t, isolated, 15)
}
