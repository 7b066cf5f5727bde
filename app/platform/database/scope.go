package database

import (
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Scope says whose rows a transaction may see. The zero value is [Platform].
type Scope struct {
	org, login uuid.UUID
	isolation  pgx.TxIsoLevel
	unsynced   bool
}

// Tenant is the scope of one organization: row level security shows only its rows.
func Tenant(orgID uuid.UUID) Scope { return Scope{org: orgID} }

// Login is the scope of one human across organizations: the rows that belong to the login itself.
func Login(loginID uuid.UUID) Scope { return Scope{login: loginID} }

// Platform is the scope of nobody: only tables without tenant show rows.
func Platform() Scope { return Scope{} }

// Serializable asks for SERIALIZABLE isolation instead of READ COMMITTED (a reader's REPEATABLE READ); InTx repeats what PostgreSQL then refuses.
func (s Scope) Serializable() Scope {
	s.isolation = pgx.Serializable
	return s
}

// Unsynced asks not to wait for the disk at commit: a crash of PostgreSQL within the next moment may undo the transaction, though never
// without everything that committed after it. For what can be found out or done again.
func (s Scope) Unsynced() Scope {
	s.unsynced = true
	return s
}

// begin is one message of several statements. The settings are written out because such a message takes no parameters;
// they are UUIDs, whose text form needs no quoting. SET LOCAL takes no snapshot, unlike SELECT set_config.
func (s Scope) begin(mode pgx.TxAccessMode) string {
	var b strings.Builder
	b.WriteString("begin")
	if isolation := s.level(mode); isolation != "" {
		b.WriteString(" isolation level " + string(isolation))
	}
	if mode != "" {
		b.WriteString(" " + string(mode))
	}
	if s.unsynced {
		b.WriteString("; set local synchronous_commit = off")
	}
	b.WriteString("; set local app.org_id = '" + setting(s.org) + "'; set local app.login_id = '" + setting(s.login) + "'")
	return b.String()
}

// level is what was asked for; else a reader sees one moment in all its statements, which costs nothing: a gift read before a refund settled and
// its refunds read after would be a state that never was.
func (s Scope) level(mode pgx.TxAccessMode) pgx.TxIsoLevel {
	if s.isolation == "" && mode == pgx.ReadOnly {
		return pgx.RepeatableRead
	}
	return s.isolation
}

func setting(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}
