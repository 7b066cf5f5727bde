package receipting_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/sheet/sheettest"
	"tributary/app/receipting"
	"tributary/domain/day"
	"tributary/domain/money"
	"tributary/domain/receipt"
)

var (
	update  = flag.Bool("update", false, "write the golden files anew")
	samples = flag.String("samples", "", "folder to leave sample receipts and mails in, to look at")
)

var issuedAt = time.Date(2026, 11, 22, 15, 4, 5, 0, time.UTC)

// golden compares got with testdata/name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o750))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path) //nolint:gosec // a file of this test
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func sampleFacts() receipt.Facts {
	return receipt.Facts{
		OrgID: uuid.Must(uuid.NewV7()), DonationID: uuid.Must(uuid.NewV7()), Received: true,
		Organization: receipt.Organization{
			Name: "Riverbend Trust", LegalName: "Riverbend Trust Inc", EIN: "123456789", Verified: true, Deductible: true, Country: "US",
			Address: []string{"12 Mill Lane", "Albany, NY 12207"}, Email: "hello@riverbend.example", Phone: "+1 518 555 0100",
			Website: "https://riverbend.example", Signatory: "Ann Osei, Treasurer", ReceiptPrefix: "RB", Zone: time.UTC,
		},
		Donor:  receipt.Donor{FirstName: "Maya", LastName: "Lindqvist", Email: "maya@example.org"},
		Amount: money.New(250_00, "USD"), Cover: money.New(7_85, "USD"), Refunded: money.Zero("USD"),
		ReceivedOn: day.New(2026, 11, 22), Method: "card", Cause: "School library", Fund: "Books", Reference: "RB-7Q2K9M",
	}
}

func sampleContent(t *testing.T, f receipt.Facts, earlier *receipt.Earlier) receipt.Content {
	t.Helper()
	r, err := receipt.New(f, receipt.Number{Series: "123456789", Year: 2026, Number: 7}, earlier, issuedAt)
	require.NoError(t, err)
	return r.Content()
}

// pdfText is the drawn texts of a PDF, one a line.
func pdfText(t *testing.T, pdf []byte) string {
	t.Helper()
	return strings.Join(sheettest.Texts(t, pdf), "\n") + "\n"
}

func TestPDFSaysWhatTheReceiptSays(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func() (receipt.Content, string, string){
		"receipt": func() (receipt.Content, string, string) { return sampleContent(t, sampleFacts(), nil), "", "" },
		"unverified": func() (receipt.Content, string, string) {
			f := sampleFacts()
			f.Organization.Verified, f.Organization.EIN = false, ""
			return sampleContent(t, f, nil), "", ""
		},
		"abroad": func() (receipt.Content, string, string) {
			f := sampleFacts()
			f.Organization.Country, f.Organization.Signatory, f.Method, f.PaymentNumber = "SE", "", "cheque", "0042"
			f.Amount, f.Cover, f.Refunded = money.New(50_00, "SEK"), money.Zero("SEK"), money.Zero("SEK")
			return sampleContent(t, f, nil), "", ""
		},
		"corrected": func() (receipt.Content, string, string) {
			f := sampleFacts()
			f.Refunded = money.New(100_00, "USD")
			return sampleContent(t, f, &receipt.Earlier{Text: "RB-2026-000003"}), "", ""
		},
		"void": func() (receipt.Content, string, string) {
			return sampleContent(t, sampleFacts(), nil), "November 23, 2026", "RB-2026-000009"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, voidedOn, replacedBy := f()
			pdf, err := receipting.DrawPDF(c, issuedAt, voidedOn, replacedBy)
			require.NoError(t, err)
			again, err := receipting.DrawPDF(c, issuedAt, voidedOn, replacedBy)
			require.NoError(t, err)
			require.True(t, bytes.Equal(pdf, again), "the same receipt gives the same bytes")
			require.Less(t, len(pdf), 120_000)
			text := pdfText(t, pdf)
			flat := strings.Join(strings.Fields(text), " ")
			for _, s := range c.Statements {
				require.Contains(t, flat, s)
			}
			for _, l := range c.Lines {
				require.Contains(t, flat, l.Label)
				require.Contains(t, flat, l.Value)
			}
			require.Contains(t, string(pdf), "/Lang (en)")
			golden(t, name+".pdf.txt", text)
			if dir := *samples; dir != "" {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name+".pdf"), pdf, 0o600))
			}
		})
	}
}

func TestHostileTextNeverBreaksThePDF(t *testing.T) {
	t.Parallel()
	names := []string{
		"", strings.Repeat("W", 100), strings.Repeat("🎉", 100), "(\\) Tj ET", "</title><script>", "\uFFFF\uFFFE\U0010FFFF", "محمد بن سلمان (Mo) 123",
		strings.Repeat("خ", 100), strings.Repeat("a\u0301", 100), "\uE000\uE001", "李明" + strings.Repeat("龍", 98), "\x00\x01\x7f\u0085\u2028",
	}
	for _, name := range names {
		f := sampleFacts()
		f.Donor, f.Organization.LegalName = receipt.Donor{FirstName: name, LastName: name}, "Org "+name
		f.Cause, f.Fund, f.PaymentNumber = "For "+name, name, name
		pdf, err := receipting.DrawPDF(sampleContent(t, f, nil), issuedAt, "", "")
		require.NoError(t, err, "%q", name)
		require.Contains(t, pdfText(t, pdf), "$257.85", "%q", name)
	}
}
