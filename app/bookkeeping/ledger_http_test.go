package bookkeeping_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest/scene"
	"tributary/app/bookkeeping"
	"tributary/app/platform/database"
	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/ledger"
	"tributary/domain/money"
)

// ask gets a path of the API as a role and returns the answer with its body.
type ask func(role, path string) (*http.Response, string)

// doorkeeper takes the bearer for a role in the organization; "stranger" is the owner of another one.
type doorkeeper struct{ org uuid.UUID }

func (d doorkeeper) Authenticate(_ context.Context, c web.Credentials) (actor.Actor, string, error) {
	if c.Bearer == "" {
		return actor.Actor{}, "", nil
	}
	who, role := actor.Actor{Kind: actor.KindToken, ID: uuid.New(), OrgID: d.org}, account.Role(c.Bearer)
	if c.Bearer == "stranger" {
		who.OrgID, role = uuid.New(), account.Owner
	}
	for _, p := range role.Permissions() {
		who.Permissions = append(who.Permissions, string(p))
	}
	return who, "", nil
}

func (b books) serve() ask {
	b.t.Helper()
	clock := func() time.Time { return now }
	address := scene.Serve(b.t, b.db, clock, doorkeeper{b.org}, func(server *web.Server) { bookkeeping.New(b.db, clock).Routes(server.API()) })
	return func(role, path string) (*http.Response, string) {
		b.t.Helper()
		r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, address+web.Prefix+path, http.NoBody)
		require.NoError(b.t, err)
		if role != "" {
			r.Header.Set("Authorization", "Bearer "+role)
		}
		answer, err := http.DefaultClient.Do(r)
		require.NoError(b.t, err)
		defer func() { require.NoError(b.t, answer.Body.Close()) }()
		text, err := io.ReadAll(answer.Body)
		require.NoError(b.t, err)
		return answer, string(text)
	}
}

// into asks as finance and reads the answer's JSON.
func (a ask) into(t *testing.T, path string, target any) {
	t.Helper()
	answer, text := a("finance", path)
	require.Equal(t, http.StatusOK, answer.StatusCode, text)
	require.NoError(t, json.Unmarshal([]byte(text), target), text)
}

var now = time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)

// post books lines as one event through the service.
func (b books) post(source string, at time.Time, lines ...ledger.Entry) {
	b.t.Helper()
	posted, err := ledger.New(ledger.Event{Kind: ledger.UnknownMoney, Source: ledger.Source{Type: "test", ID: source}, OccurredAt: at, Memo: "memo of " + source}, lines...)
	require.NoError(b.t, err)
	service := bookkeeping.New(b.db, func() time.Time { return now })
	require.NoError(b.t, b.try(func(tx database.Tx) error {
		service.PostTx(tx, b.org, posted)
		return nil
	}))
}

func usd(minor int64) money.Money { return money.New(minor, "USD") }

type trialBalance struct {
	Items []struct {
		Account, Label, Currency string
		Debit, Credit, Balance   money.Money
	}
	Totals []struct {
		Currency      string
		Debit, Credit money.Money
	}
}

func (tb trialBalance) lines() (lines []string) {
	for _, i := range tb.Items {
		lines = append(lines, fmt.Sprintf("%s %s %d %d %d", i.Account, i.Currency, i.Debit.Minor, i.Credit.Minor, i.Balance.Minor))
	}
	return lines
}

func TestTheTrialBalanceSumsEveryAccountPerCurrency(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	call := b.serve()
	b.post("gift", now, ledger.Debit(ledger.StripeClearing, usd(103_00)), ledger.Credit(ledger.Income, usd(100_00)), ledger.Credit(ledger.FeeCover, usd(3_00)))
	b.post("fee", now, ledger.Debit(ledger.ProcessingFees, usd(3_20)), ledger.Credit(ledger.StripeClearing, usd(3_20)))
	b.post("refund", now, ledger.Debit(ledger.Income, usd(40_00)), ledger.Credit(ledger.RefundsPayable, usd(40_00)))
	b.post("yen", now, ledger.Debit(ledger.Bank, money.New(500, "JPY")), ledger.Credit(ledger.Income, money.New(500, "JPY")))
	b.post("gift", now, ledger.Debit(ledger.Bank, usd(7_00)), ledger.Credit(ledger.Income, usd(7_00))) // the same fact again

	var got trialBalance
	call.into(t, "/ledger/trial-balance", &got)
	require.Equal(t, []string{
		"bank JPY 500 0 500",
		"income JPY 0 500 -500",
		"stripe_clearing USD 10300 320 9980",
		"refunds_payable USD 0 4000 -4000",
		"income USD 4000 10000 -6000",
		"fee_cover USD 0 300 -300",
		"processing_fees USD 320 0 320",
	}, got.lines(), "by currency, then as accounts are listed")
	require.Len(t, got.Totals, 2)
	for _, total := range got.Totals {
		require.Equal(t, total.Debit, total.Credit)
	}
	require.Equal(t, usd(146_20), got.Totals[1].Debit)
	for _, i := range got.Items {
		require.NotEmpty(t, i.Label, i.Account)
	}
}

func TestEmptyBooksAreEmptyLists(t *testing.T) {
	t.Parallel()
	call := openBooks(t).serve()
	_, text := call("finance", "/ledger/trial-balance")
	require.JSONEq(t, `{"items":[],"totals":[]}`, text)
	_, text = call("finance", "/ledger/transactions")
	require.JSONEq(t, `{"items":[],"next_cursor":""}`, text)
	_, text = call("finance", "/ledger/trial-balance.csv")
	require.Equal(t, "Account,Name,Currency,Debit,Credit,Balance\r\n", text)
}

func TestADayOfTheBooksEndsAtMidnightOfTheOrganization(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ zone, day, midnight string }{
		{"America/New_York", "2026-11-21", "2026-11-22T05:00:00Z"},
		{"America/New_York", "2026-07-04", "2026-07-05T04:00:00Z"},
		{"America/New_York", "2026-11-01", "2026-11-02T05:00:00Z"}, // twenty-five hours long
		{"Pacific/Kiritimati", "2026-11-22", "2026-11-22T10:00:00Z"},
		{"UTC", "2026-12-31", "2027-01-01T00:00:00Z"},
	} {
		t.Run(tc.zone+" "+tc.day, func(t *testing.T) {
			t.Parallel()
			b := openBooks(t)
			call := b.serve()
			require.NoError(t, b.try(func(tx database.Tx) error {
				_, err := tx.Exec(t.Context(), "update organizations set zone = $2 where id = $1", b.org, tc.zone)
				return err
			}))
			midnight, err := time.Parse(time.RFC3339, tc.midnight)
			require.NoError(t, err)
			b.post("last", midnight.Add(-time.Microsecond), ledger.Debit(ledger.Bank, usd(1)), ledger.Credit(ledger.Income, usd(1)))
			b.post("next", midnight, ledger.Debit(ledger.Bank, usd(10)), ledger.Credit(ledger.Income, usd(10)))

			var got trialBalance
			call.into(t, "/ledger/trial-balance?as_of="+tc.day, &got)
			require.Equal(t, []string{"bank USD 1 0 1", "income USD 0 1 -1"}, got.lines())
			call.into(t, "/ledger/trial-balance", &got)
			require.Equal(t, []string{"bank USD 11 0 11", "income USD 0 11 -11"}, got.lines())
			_, text := call("finance", "/ledger/trial-balance.csv?as_of="+tc.day)
			require.Contains(t, text, "bank,Bank,USD,0.01,0.00,0.01\r\n")
		})
	}
}

func TestWhatIsNoDayIsRefused(t *testing.T) {
	t.Parallel()
	call := openBooks(t).serve()
	for _, asOf := range []string{"yesterday", "2026-02-29", "2026-11-22T00:00:00Z", "0001-01-01"} {
		for _, path := range []string{"/ledger/trial-balance", "/ledger/trial-balance.csv"} {
			answer, text := call("finance", path+"?as_of="+asOf)
			require.Equal(t, http.StatusUnprocessableEntity, answer.StatusCode, "%s: %s", asOf, text)
			require.Contains(t, text, "query.as_of")
		}
	}
}

func TestTheTrialBalanceAsCSV(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	call := b.serve()
	b.post("gift", now, ledger.Debit(ledger.StripeClearing, usd(1_234_05)), ledger.Credit(ledger.Income, usd(1_234_05)))
	b.post("yen", now, ledger.Debit(ledger.Bank, money.New(500, "JPY")), ledger.Credit(ledger.Income, money.New(500, "JPY")))
	b.post("dinar", now, ledger.Debit(ledger.Bank, money.New(1_005, "KWD")), ledger.Credit(ledger.Income, money.New(1_005, "KWD")))

	answer, text := call("finance", "/ledger/trial-balance.csv?as_of=2026-11-30")
	require.Equal(t, http.StatusOK, answer.StatusCode, text)
	require.Equal(t, "text/csv; charset=utf-8", answer.Header.Get("Content-Type"))
	require.Equal(t, "attachment; filename=trial-balance-2026-11-30.csv", answer.Header.Get("Content-Disposition"))
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"Account", "Name", "Currency", "Debit", "Credit", "Balance"},
		{"bank", "Bank", "JPY", "500", "0", "500"},
		{"income", "Gifts", "JPY", "0", "500", "-500"},
		{"bank", "Bank", "KWD", "1.005", "0.000", "1.005"},
		{"income", "Gifts", "KWD", "0.000", "1.005", "-1.005"},
		{"stripe_clearing", "Held by Stripe", "USD", "1234.05", "0.00", "1234.05"},
		{"income", "Gifts", "USD", "0.00", "1234.05", "-1234.05"},
	}, rows)
	answer, _ = call("finance", "/ledger/trial-balance.csv")
	require.Equal(t, "attachment; filename=trial-balance.csv", answer.Header.Get("Content-Disposition"))
}

type transactions struct {
	Items []struct {
		SourceID   string    `json:"source_id"`
		DonationID string    `json:"donation_id"`
		OccurredAt time.Time `json:"occurred_at"`
		PostedAt   time.Time `json:"posted_at"`
		Memo       string
		Seq        int64
		Entries    []struct {
			Account       string
			Debit, Credit *money.Money
		}
	}
	NextCursor string `json:"next_cursor"`
}

func TestTransactionsArePagedNewestFirst(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	call := b.serve()
	for i := range 7 { // each is booked after and happened before the one before it
		b.post(strconv.Itoa(i), now.Add(-time.Duration(i)*time.Hour), ledger.Debit(ledger.Bank, usd(int64(i+1))), ledger.Credit(ledger.Income, usd(int64(i+1))))
	}
	for _, limit := range []int{1, 3, 6, 7, 100} {
		var got []string
		cursor := ""
		for pages := 0; pages == 0 || cursor != ""; pages++ {
			require.Less(t, pages, 8, "it ends")
			var page transactions
			call.into(t, fmt.Sprintf("/ledger/transactions?limit=%d&cursor=%s", limit, cursor), &page)
			for _, i := range page.Items {
				got = append(got, i.SourceID)
				require.Len(t, i.Entries, 2)
				require.Equal(t, "bank", i.Entries[0].Account)
				require.Nil(t, i.Entries[0].Credit)
				require.Equal(t, i.Entries[0].Debit, i.Entries[1].Credit, "both sides are positive")
				require.Positive(t, i.Entries[1].Credit.Minor)
			}
			cursor = page.NextCursor
		}
		require.Equal(t, []string{"6", "5", "4", "3", "2", "1", "0"}, got, "pages of %d", limit)
	}
	var page transactions
	call.into(t, "/ledger/transactions?limit=1", &page)
	require.Equal(t, "memo of 6", page.Items[0].Memo)
	require.Equal(t, now, page.Items[0].PostedAt)
	require.Equal(t, now.Add(-6*time.Hour), page.Items[0].OccurredAt)
	require.Empty(t, page.Items[0].DonationID)
	call.into(t, "/ledger/transactions?donation_id="+uuid.NewString(), &page)
	require.Empty(t, page.Items)

	for _, query := range []string{"cursor=nonsense", "cursor=" + web.EncodeCursor("x"), "cursor=" + web.EncodeCursor("1", "2"), "limit=0", "limit=101", "donation_id=x"} {
		answer, text := call("finance", "/ledger/transactions?"+query)
		require.Equal(t, http.StatusUnprocessableEntity, answer.StatusCode, "%s: %s", query, text)
	}
}

func TestTheLedgerIsForWhoMayReadIt(t *testing.T) {
	t.Parallel()
	b := openBooks(t)
	call := b.serve()
	b.post("gift", now, ledger.Debit(ledger.Bank, usd(7_00)), ledger.Credit(ledger.Income, usd(7_00)))
	for _, path := range []string{"/ledger/trial-balance", "/ledger/trial-balance.csv", "/ledger/transactions"} {
		for role, want := range map[string]int{
			"": http.StatusUnauthorized, "viewer": http.StatusForbidden, "fundraiser": http.StatusForbidden, "finance": http.StatusOK, "owner": http.StatusOK, "stranger": http.StatusOK,
		} {
			answer, text := call(role, path)
			require.Equal(t, want, answer.StatusCode, "%s as %q: %s", path, role, text)
			require.Equal(t, role == "finance" || role == "owner", strings.Contains(text, "income"), "%s as %q: %s", path, role, text)
		}
	}
}
