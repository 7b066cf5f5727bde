package bookkeeping_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
)

const (
	insertTransaction = `insert into ledger_transactions (org_id, id, kind, source_type, source_id, occurred_at, posted_at) values ($1, $2, 'gift_received', 'test', $3, now(), now())`
	insertEntry       = `insert into ledger_entries (org_id, transaction_id, line, account, amount_minor, currency) values ($1, $2, $3, $4, $5, $6)`
)

// books are the tables themselves: what follows holds for whoever writes to them, whatever the program does.
type books struct {
	t   *testing.T
	db  *database.DB
	org uuid.UUID
}

func openBooks(t *testing.T) books {
	t.Helper()
	b := books{t: t, db: databasetest.New(t), org: uuid.New()}
	require.NoError(t, b.try(func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into organizations (id, kind, slug, name, legal_name, created_at, updated_at)
			values ($1, 'nonprofit', 'riverbend', 'Riverbend', 'Riverbend Trust', now(), now())`, b.org)
		return err
	}))
	return b
}

func (b books) try(do func(database.Tx) error) error {
	return b.db.InTx(b.t.Context(), database.Tenant(b.org), do)
}

// line is one entry of a transaction.
type line struct {
	minor    int64
	currency string
}

func (b books) book(id uuid.UUID, lines ...line) error {
	return b.try(func(tx database.Tx) error {
		if _, err := tx.Exec(b.t.Context(), insertTransaction, b.org, id, id.String()); err != nil {
			return err
		}
		for i, l := range lines {
			if err := b.add(tx, id, i+1, l); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b books) add(tx database.Tx, id uuid.UUID, n int, l line) error {
	_, err := tx.Exec(b.t.Context(), insertEntry, b.org, id, n, "bank", l.minor, l.currency)
	return err
}

func TestOnlyBalancedTransactionsAreBooked(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	for _, tc := range []struct {
		name  string
		lines []line
	}{
		{"no entry", nil},
		{"one entry", []line{{5, "USD"}}},
		{"too little", []line{{500, "USD"}, {-499, "USD"}}},
		{"two currencies that only add up together", []line{{500, "USD"}, {-500, "EUR"}}},
		{"one currency of two", []line{{500, "USD"}, {-500, "USD"}, {1, "EUR"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, "ledger_transactions_balance", database.Constraint(b.book(uuid.New(), tc.lines...)))
		})
	}
	require.NoError(t, b.book(uuid.New(), line{500, "USD"}, line{-300, "USD"}, line{-200, "USD"}, line{7, "EUR"}, line{-7, "EUR"}))
}

func TestABookedTransactionIsClosed(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	booked := uuid.New()
	require.NoError(t, b.book(booked, line{500, "USD"}, line{-500, "USD"}))

	err := b.try(func(tx database.Tx) error { return b.add(tx, booked, 3, line{1, "USD"}) })
	require.Equal(t, "ledger_entries_closed", database.Constraint(err))

	err = b.try(func(tx database.Tx) error {
		fresh := uuid.New()
		if _, err := tx.Exec(t.Context(), insertTransaction, b.org, fresh, "fresh"); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `insert into ledger_entries (org_id, transaction_id, line, account, amount_minor, currency)
			values ($1, $2, 1, 'bank', 5, 'USD'), ($1, $2, 2, 'bank', -5, 'USD'), ($1, $3, 3, 'bank', 5, 'USD'), ($1, $3, 4, 'bank', -5, 'USD')`, b.org, fresh, booked)
		return err
	})
	require.Equal(t, "ledger_entries_closed", database.Constraint(err), "not even among entries of an open one")
}

func TestNothingBookedIsChanged(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	require.NoError(t, b.book(uuid.New(), line{500, "USD"}, line{-500, "USD"}))
	for _, statement := range []string{
		"update ledger_entries set amount_minor = amount_minor * 2", "delete from ledger_entries", "update ledger_transactions set memo = 'x'",
		"delete from ledger_transactions", "truncate ledger_entries",
	} {
		err := b.try(func(tx database.Tx) error {
			_, err := tx.Exec(t.Context(), statement)
			return err
		})
		require.Error(t, err, statement)
	}
}
