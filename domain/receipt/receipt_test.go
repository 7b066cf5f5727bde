package receipt_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/domain/day"
	"tributary/domain/money"
	"tributary/domain/receipt"
)

var now = time.Date(2026, 11, 22, 15, 4, 5, 0, time.UTC)

func facts() receipt.Facts {
	return receipt.Facts{
		OrgID: uuid.Must(uuid.NewV7()), DonationID: uuid.Must(uuid.NewV7()), Received: true,
		Organization: receipt.Organization{
			Name: "Riverbend Trust", LegalName: "Riverbend Trust Inc", EIN: "123456789", Verified: true, Deductible: true, Country: "US",
			Address: []string{"12 Mill Lane", "Albany, NY 12207"}, Email: "hello@riverbend.example", ReceiptPrefix: "RB", Zone: time.UTC,
		},
		Donor:  receipt.Donor{FirstName: "Maya", LastName: "Lindqvist", Email: "maya@example.org"},
		Amount: money.New(50_00, "USD"), Cover: money.New(1_81, "USD"), Refunded: money.Zero("USD"),
		ReceivedOn: day.New(2026, 11, 22), Method: "card", Cause: "School library", Fund: "Books", Reference: "RB-7Q2K",
	}
}

func issue(t *testing.T, f receipt.Facts, earlier *receipt.Earlier) receipt.Content {
	t.Helper()
	r, err := receipt.New(f, receipt.Number{Series: "123456789", Year: f.ReceivedOn.Year(), Number: 7}, earlier, now)
	require.NoError(t, err)
	return r.Content()
}

func said(c receipt.Content) string { return strings.Join(c.Statements, "\n") }

func value(c receipt.Content, label string) string {
	for _, l := range c.Lines {
		if l.Label == label {
			return l.Value
		}
	}
	return ""
}

func TestNumbersReadAsTheirBooks(t *testing.T) {
	t.Parallel()
	for want, n := range map[string]receipt.Number{
		"2026-000001":    {Year: 2026, Number: 1},
		"2026-1234567":   {Year: 2026, Number: 1234567},
		"2026-B000002":   {Year: 2026, Number: 2, Mark: "B"},
		"0999-000003":    {Year: 999, Number: 3},
		"RB-2026-000004": {Year: 2026, Number: 4},
	} {
		prefix := ""
		if strings.HasPrefix(want, "RB") {
			prefix = "RB-"
		}
		require.Equal(t, want, n.Text(prefix))
	}
}

func TestTheWholeContributionIsAttestedWithItsFeeCover(t *testing.T) {
	t.Parallel()
	c := issue(t, facts(), nil)
	require.Equal(t, money.New(51_81, "USD"), c.Amount())
	require.Equal(t, "$50.00", value(c, "Gift"))
	require.Equal(t, "$1.81", value(c, "Added towards processing fees"))
	require.Equal(t, "$51.81", value(c, "Cash contribution"))
	require.Equal(t, "School library (Books)", value(c, "For"))
	require.Equal(t, "RB-2026-000007", c.Number)
	require.Equal(t, "letter", c.Paper)
}

func TestWordsOfTheIRS(t *testing.T) {
	t.Parallel()
	none := "Riverbend Trust Inc did not provide any goods or services in exchange for this contribution."

	small := issue(t, facts(), nil)
	require.Contains(t, said(small), none)
	require.Contains(t, said(small), "EIN 12-3456789")
	require.Contains(t, said(small), "deductible to the extent allowed by law")
	require.NotContains(t, said(small), "$250")

	for minor, acknowledged := range map[int64]bool{248_18: false, 248_19: true, 5_000_00: true} {
		f := facts()
		f.Amount = money.New(minor, "USD")
		require.Equal(t, acknowledged, strings.Contains(said(issue(t, f, nil)), "$250 or more"), "gift of %d with a cover of 181", minor)
	}
}

func TestDeductibilityIsOnlyClaimedWhereTheRegistryGrantsIt(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*receipt.Organization){
		"no EIN":              func(o *receipt.Organization) { o.EIN, o.Verified = "", false },
		"EIN without a claim": func(o *receipt.Organization) { o.Verified = false },
		"listed as not":       func(o *receipt.Organization) { o.Deductible = false },
		"abroad":              func(o *receipt.Organization) { o.Country = "SE" },
	} {
		f := facts()
		f.Amount = money.New(500_00, "USD")
		change(&f.Organization)
		c := issue(t, f, nil)
		require.NotContains(t, said(c), "deductible to the extent", name)
		require.NotContains(t, said(c), "eligible", name)
		require.Contains(t, said(c), "did not provide any goods or services", name)
		if !f.Organization.Verified {
			require.NotContains(t, said(c), "EIN", name)
			require.Empty(t, c.EIN, name)
		}
	}
}

func TestACorrectedReceiptSaysWhatItReplaces(t *testing.T) {
	t.Parallel()
	f := facts()
	f.Refunded = money.New(20_00, "USD")
	c := issue(t, f, &receipt.Earlier{Text: "RB-2026-000003"})
	require.Equal(t, "Corrected donation receipt", c.Title)
	require.Equal(t, "RB-2026-000003", c.Replaces)
	require.Contains(t, said(c), "replaces receipt RB-2026-000003, which is void")
	require.Contains(t, said(c), "Of the $51.81 received, $20.00 was refunded. This receipt is for the $31.81 that remains.")
	require.Equal(t, "-$20.00", value(c, "Refunded"))
	require.Equal(t, money.New(31_81, "USD"), c.Amount())
}

func TestTheDateOfIssueIsTheOrganizations(t *testing.T) {
	t.Parallel()
	f := facts()
	zone, err := time.LoadLocation("Pacific/Auckland")
	require.NoError(t, err)
	f.Organization.Zone = zone
	require.Equal(t, day.New(2026, 11, 23), issue(t, f, nil).IssuedOn, "15:04 UTC is the next morning in Auckland")
}

func TestOnlyMoneyThatStandsIsReceipted(t *testing.T) {
	t.Parallel()
	n := receipt.Number{Series: "123456789", Year: 2026, Number: 7}
	refunded := facts()
	refunded.Refunded = refunded.Total()
	_, err := receipt.New(refunded, n, nil, now)
	require.ErrorIs(t, err, receipt.ErrNothing)
	awaited := facts()
	awaited.Received = false
	_, err = receipt.New(awaited, n, nil, now)
	require.ErrorIs(t, err, receipt.ErrNothing)
	n.Year = 2025
	_, err = receipt.New(facts(), n, nil, now)
	require.Error(t, err, "a number of another year")
}

func TestNextStep(t *testing.T) {
	t.Parallel()
	full, half := facts().Total(), money.New(20_00, "USD")
	for _, tc := range []struct {
		name     string
		refunded int64
		received bool
		latest   *receipt.Latest
		want     receipt.Step
	}{
		{"money came", 0, true, nil, receipt.Begin},
		{"money has not come", 0, false, nil, receipt.Keep},
		{"job ran again", 0, true, &receipt.Latest{Amount: full, Stands: true}, receipt.Keep},
		{"part was refunded", 31_81, true, &receipt.Latest{Amount: full, Stands: true}, receipt.Replace},
		{"part was refunded, job ran again", 31_81, true, &receipt.Latest{Amount: half, Stands: true}, receipt.Keep},
		{"all was refunded", 51_81, true, &receipt.Latest{Amount: full, Stands: true}, receipt.Cancel},
		{"all was refunded before a receipt", 51_81, true, nil, receipt.Keep},
		{"all was refunded, job ran again", 51_81, true, &receipt.Latest{Amount: full}, receipt.Keep},
		{"the refund failed after all", 0, true, &receipt.Latest{Amount: half, Stands: true}, receipt.Replace},
		{"the full refund failed after all", 0, true, &receipt.Latest{Amount: full}, receipt.Begin},
		{"a person voided it", 0, true, &receipt.Latest{Amount: full, VoidedByPerson: true}, receipt.Keep},
		{"a person voided it, then part was refunded", 31_81, true, &receipt.Latest{Amount: full, VoidedByPerson: true}, receipt.Begin},
		{"the payment was undone", 0, false, &receipt.Latest{Amount: full, Stands: true}, receipt.Cancel},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := facts()
			f.Refunded, f.Received = money.New(tc.refunded, "USD"), tc.received
			require.Equal(t, tc.want, f.Next(tc.latest))
			f.Undecided = true
			require.Equal(t, receipt.Keep, f.Next(tc.latest))
		})
	}
}

func TestContentSurvivesStorage(t *testing.T) {
	t.Parallel()
	c := issue(t, facts(), &receipt.Earlier{Text: "RB-2026-000003"})
	b, err := json.Marshal(c)
	require.NoError(t, err)
	var back receipt.Content
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, c, back)
}

func TestAVoidNeedsAReason(t *testing.T) {
	t.Parallel()
	r, err := receipt.New(facts(), receipt.Number{Series: "123456789", Year: 2026, Number: 7}, nil, now)
	require.NoError(t, err)
	for _, reason := range []string{"", "  ", "a\nb", strings.Repeat("é", 301)} {
		_, err := r.NewVoid(reason, nil, now)
		require.ErrorIs(t, err, receipt.ErrReason)
	}
	v, err := r.NewVoid(" wrong name ", nil, now)
	require.NoError(t, err)
	require.Equal(t, receipt.Void{OrgID: r.OrgID(), ReceiptID: r.ID(), Reason: "wrong name", VoidedAt: now}, v)
}

func TestDonorsWithoutANameAreNotLeftBlank(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Maya", receipt.Donor{FirstName: "Maya"}.Name())
	require.Equal(t, "m@example.org", receipt.Donor{Email: "m@example.org"}.Name())
	require.NotEmpty(t, receipt.Donor{}.Name())
}
