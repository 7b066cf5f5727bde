package receipting_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/platform/mail/mailtest"
	"tributary/app/platform/queue/queuetest"
	"tributary/domain/actor"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/message"
	"tributary/domain/receipt"
)

func TestAGiftIsReceiptedNumberedAndMailedOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	donation := b.give(gift{Minor: 50_00, Cover: 1_81, Email: "maya@example.org"})
	b.ask(donation)
	b.ask(donation)

	found := b.receipts()
	require.Len(t, found, 1)
	require.Equal(t, "RB-2026-000001", found[0].Text)
	require.EqualValues(t, 51_81, found[0].Minor)
	require.True(t, found[0].Stands)
	got := b.server.Received()
	require.Len(t, got, 1)
	require.Equal(t, "Thank you for your gift to Riverbend Trust (receipt RB-2026-000001)", got[0].Subject)
	require.Contains(t, got[0].Text, "https://give.example/my/riverbend")
	require.Contains(t, got[0].HTML, "https://give.example/r/")
	require.Len(t, got[0].Files, 1)
	require.Equal(t, "receipt-RB-2026-000001.pdf", got[0].Files[0].Name)
	require.Contains(t, pdfText(t, got[0].Files[0].Content), "$51.81")
	m := b.messages()[0]
	require.Equal(t, donation, *m.DonationID)
	require.Equal(t, b.person, *m.PersonID)
}

func TestTheMailSaysTheSameAsThePDF(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.exec(`INSERT INTO registry_entries (ein, name, subsection, deductibility, source, row_hash, created_at, updated_at) VALUES ('123456789', 'RIVERBEND TRUST INC', '03', '1', 'eo1', '', now(), now())`)
	b.exec(`UPDATE organizations SET ein = '123456789', ein_verified_at = now() WHERE id = $1`, b.org)
	donation := b.give(gift{Minor: 300_00, Email: "maya@example.org"})
	b.exec(`UPDATE donations SET reference = 'RB-7Q2K9M' WHERE id = $1`, donation)
	b.ask(donation)
	b.refund(donation, 60_00)
	b.ask(donation)
	b.refund(donation, 300_00)
	b.ask(donation)

	got := b.server.Received()
	require.Len(t, got, 3)
	for i, name := range []string{"issued", "corrected", "cancelled"} {
		text := anonymous(got[i].Text, "https://give.example/r/")
		golden(t, name+".mail.txt", got[i].Subject+"\n\n"+text)
	}
	require.Contains(t, got[0].Text, "$250 or more")
	flat := strings.Join(strings.Fields(pdfText(t, got[0].Files[0].Content)), " ")
	for _, s := range []string{
		"Riverbend Trust Inc did not provide any goods or services in exchange for this contribution.",
		"Contributions are deductible to the extent allowed by law.", "EIN 12-3456789",
	} {
		require.Contains(t, strings.Join(strings.Fields(got[0].Text), " "), s)
		require.Contains(t, strings.Join(strings.Fields(got[0].HTML), " "), s)
		require.Contains(t, flat, s)
	}
	require.Contains(t, pdfText(t, got[2].Files[0].Content), "VOID")
}

// anonymous replaces what differs from run to run: the token behind prefix.
func anonymous(text, prefix string) string {
	before, after, found := strings.Cut(text, prefix)
	if !found {
		return text
	}
	_, rest, _ := strings.Cut(after, "\n")
	return before + prefix + "TOKEN\n" + rest
}

func TestWithoutAnEINNothingIsClaimed(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.ask(b.give(gift{Minor: 300_00, Email: "maya@example.org"}))
	got := b.server.Received()[0]
	for _, text := range []string{got.Text, got.HTML, pdfText(t, got.Files[0].Content)} {
		require.NotContains(t, text, "EIN")
		require.NotContains(t, text, "deductible to the extent")
		require.Contains(t, strings.Join(strings.Fields(text), " "), "does not state that the contribution is tax-deductible")
	}
}

func TestTenWorkersIssueOneReceiptAndOneMail(t *testing.T) {
	t.Parallel()
	b := open(t)
	donation := b.give(gift{Minor: 50_00, Email: "maya@example.org"})
	failures := parallel(10, func(int) error { return b.svc.Issue(t.Context(), b.org, donation) })
	require.NoError(t, failures)
	require.Len(t, b.receipts(), 1)
	require.Len(t, b.messages(), 1)
}

func parallel(n int, do func(i int) error) error {
	failures := make([]error, n)
	var workers sync.WaitGroup
	for i := range n {
		workers.Go(func() { failures[i] = do(i) })
	}
	workers.Wait()
	return errors.Join(failures...)
}

func TestNumbersHaveNoGapsUnderParallelIssuesAndRollbacks(t *testing.T) {
	t.Parallel()
	b := open(t)
	donations := make([]uuid.UUID, 40)
	for i := range donations {
		donations[i] = b.give(gift{Minor: int64(100 + i), On: []string{"2026-11-22", "2025-12-31"}[i%2]})
	}
	// Half of them fail after their number was taken: the mail's address makes the outbox refuse.
	for _, d := range donations[:20] {
		b.exec(`UPDATE donations SET donor_email = 'no address' WHERE id = $1`, d)
	}
	require.Error(t, parallel(len(donations), func(i int) error { return b.svc.Issue(t.Context(), b.org, donations[i]) }))
	require.Len(t, b.receipts(), 20)
	b.requireGapless()

	b.exec(`UPDATE donations SET donor_email = ''`)
	require.NoError(t, parallel(len(donations), func(i int) error { return b.svc.Issue(t.Context(), b.org, donations[i]) }))
	require.Len(t, b.receipts(), 40)
	b.requireGapless()
	require.Empty(t, b.messages(), "donors without an address get a receipt and no mail")
}

func TestTheYearIsThatOfTheReceiptDate(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.exec(`UPDATE organizations SET zone = 'Pacific/Auckland' WHERE id = $1`, b.org)
	b.pass(time.Date(2026, 12, 31, 11, 0, 0, 0, time.UTC).Sub(b.clock())) // midnight in Auckland, UTC+13
	old, young := b.give(gift{Minor: 10_00, On: "2026-12-31"}), b.give(gift{Minor: 20_00, On: "2027-01-01"})
	require.NoError(t, b.svc.Issue(t.Context(), b.org, young))
	require.NoError(t, b.svc.Issue(t.Context(), b.org, old))
	found := b.receipts()
	require.Equal(t, "RB-2026-000001", found[0].Text)
	require.Equal(t, old, found[0].DonationID)
	require.Equal(t, "RB-2027-000001", found[1].Text)
	require.Equal(t, young, found[1].DonationID)

	pdf, name, err := b.svc.PDF(t.Context(), b.org, found[0].ID)
	require.NoError(t, err)
	require.Equal(t, "receipt-RB-2026-000001.pdf", name)
	text := pdfText(t, pdf)
	require.Contains(t, text, "Issued on\nJanuary 1, 2027", "UTC says 31 December")
	require.Contains(t, text, "Received on\nDecember 31, 2026")
}

func TestARefundCorrectsAndAFullRefundVoids(t *testing.T) {
	t.Parallel()
	b := open(t)
	donation := b.give(gift{Minor: 50_00, Cover: 1_81, Email: "maya@example.org"})
	b.ask(donation)
	b.refund(donation, 20_00)
	b.ask(donation)
	b.ask(donation)
	found := b.receipts()
	require.Len(t, found, 2)
	require.False(t, found[0].Stands)
	require.Equal(t, "The amount of the gift changed.", found[0].VoidReason)
	require.True(t, found[1].Stands)
	require.EqualValues(t, 31_81, found[1].Minor)
	require.Equal(t, found[0].Text, found[1].Replaces)

	b.refund(donation, 51_81)
	b.ask(donation)
	b.ask(donation)
	found = b.receipts()
	require.Len(t, found, 2)
	require.False(t, found[1].Stands)
	require.Equal(t, "The whole gift was refunded.", found[1].VoidReason)

	b.refund(donation, 0) // the bank gave the refund back
	b.ask(donation)
	found = b.receipts()
	require.Len(t, found, 3)
	require.True(t, found[2].Stands)
	require.EqualValues(t, 51_81, found[2].Minor)
	require.Equal(t, found[1].Text, found[2].Replaces)
	b.requireGapless()

	var kinds []string
	for _, m := range b.messages() {
		kinds = append(kinds, m.Kind)
	}
	require.Equal(t, []string{"receipt.issued", "receipt.corrected", "receipt.cancelled", "receipt.corrected"}, kinds)
	require.Len(t, b.server.Mailboxes(), 4)
}

func TestMoneyThatHasNotComeIsNotReceipted(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, status := range []string{"draft", "awaiting_payment", "processing", "requires_action", "failed", "expired", "cancelled", "review"} {
		b.ask(b.give(gift{Minor: 50_00, Status: status, Email: "maya@example.org"}))
	}
	b.ask(b.give(gift{Minor: 50_00, Status: "recorded"}))
	require.Len(t, b.receipts(), 1)
	require.Empty(t, b.messages())

	donation := b.give(gift{Minor: 70_00, Email: "maya@example.org"})
	b.ask(donation)
	b.exec(`UPDATE donations SET status = 'review' WHERE id = $1`, donation)
	b.ask(donation)
	require.True(t, b.receipts()[1].Stands, "nothing is voided while staff look into it")
}

func TestAReceiptCannotBeChanged(t *testing.T) {
	t.Parallel()
	b := open(t)
	donation := b.give(gift{Minor: 50_00})
	b.ask(donation)
	b.refund(donation, 10_00)
	b.ask(donation)
	owner, err := database.Open(t.Context(), database.Config{URL: b.urls.Owner})
	require.NoError(t, err)
	defer owner.Close()
	for _, sql := range []string{
		`UPDATE receipts SET amount_minor = 1`, `DELETE FROM receipts`, `UPDATE receipt_voids SET reason = 'x'`, `DELETE FROM receipt_voids`,
	} {
		for name, db := range map[string]*database.DB{"application": b.db, "owner": owner} {
			err := db.InTx(t.Context(), database.Tenant(b.org), func(tx database.Tx) error {
				_, err := tx.Exec(t.Context(), sql)
				return err
			})
			require.Error(t, err, "%s as %s", sql, name)
		}
	}
	second := b.receipts()[0]
	err = b.db.InTx(t.Context(), database.Tenant(b.org), func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO standing_receipts (org_id, donation_id, receipt_id) VALUES ($1, $2, $3)`, b.org, donation, second.ID)
		return err
	})
	require.Equal(t, "standing_receipts_pkey", database.Constraint(err), "a donation stands on one receipt")
}

func TestTheBooksOfALegalEntity(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.ask(b.give(gift{Minor: 10_00}))
	b.exec(`UPDATE organizations SET ein = '123456789', ein_verified_at = now() WHERE id = $1`, b.org)
	b.ask(b.give(gift{Minor: 20_00}))                   // the same entity goes on counting within the year
	b.ask(b.give(gift{Minor: 30_00, On: "2027-01-05"})) // and counts under its EIN from the next year on
	b.exec(`UPDATE organizations SET ein = '987654321' WHERE id = $1`, b.org)
	b.ask(b.give(gift{Minor: 40_00, On: "2027-02-05"})) // another entity begins anew, told apart by a mark
	b.exec(`UPDATE organizations SET ein = '123456789' WHERE id = $1`, b.org)
	b.ask(b.give(gift{Minor: 50_00, On: "2027-03-05"}))
	texts := map[int64]string{}
	for _, r := range b.receipts() {
		texts[r.Minor] = r.Text
	}
	require.Equal(t, map[int64]string{
		10_00: "RB-2026-000001", 20_00: "RB-2026-000002", 30_00: "RB-2027-000001", 40_00: "RB-2027-B000001", 50_00: "RB-2027-000002",
	}, texts)
	b.requireGapless()
}

func TestWhileTheMailServerIsDownReceiptsWaitAndGoOutOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.server.Set(mailtest.Down)
	for i := range 3 {
		donation := b.give(gift{Minor: int64(1000 + i), Email: fmt.Sprintf("donor%d@example.org", i)})
		require.NoError(t, b.svc.Issue(t.Context(), b.org, donation))
	}
	queuetest.Run(t, b.queue)
	require.Len(t, b.receipts(), 3)
	for _, m := range b.messages() {
		require.Equal(t, message.Queued, m.State)
		require.Positive(t, m.Attempts)
	}
	b.server.Set(mailtest.Accept)
	require.EqualValues(t, 3, queuetest.MakeDue(t, b.queue, message.Send{}.Kind()))
	queuetest.Drain(t, b.queue)
	require.Len(t, b.server.Received(), 3)
	for _, m := range b.messages() {
		require.Equal(t, message.Sent, m.State)
	}
}

func TestStaffResendVoidAndReplace(t *testing.T) {
	t.Parallel()
	b := open(t)
	ctx := actor.With(t.Context(), b.as())
	donation := b.give(gift{Minor: 50_00, Email: "maya@example.org"})
	b.ask(donation)
	first := b.receipts()[0].ID

	require.NoError(t, b.svc.Resend(ctx, first))
	require.NoError(t, b.svc.Resend(ctx, first), "a second press")
	queuetest.Drain(t, b.queue)
	require.Len(t, b.server.Received(), 2)
	b.pass(2 * time.Minute)
	require.NoError(t, b.svc.Resend(ctx, first))
	queuetest.Drain(t, b.queue)
	require.Len(t, b.server.Received(), 3)

	require.ErrorIs(t, b.svc.Void(ctx, first, "  "), receipt.ErrReason)
	require.NoError(t, b.svc.Void(ctx, first, "Wrong name"))
	require.ErrorIs(t, b.svc.Void(ctx, first, "Wrong name"), receipt.ErrVoid)
	require.ErrorIs(t, b.svc.Resend(ctx, first), receipt.ErrVoid)
	b.ask(donation)
	require.Len(t, b.receipts(), 1, "a job does not undo what a person decided")

	b.exec(`UPDATE donations SET donor_last_name = 'Lindqvist-Osei' WHERE id = $1`, donation)
	issued, err := b.svc.Replace(ctx, first, "Married name")
	require.NoError(t, err)
	require.Equal(t, "Maya Lindqvist-Osei", issued.Content().DonorName)
	require.Equal(t, "RB-2026-000001", issued.Content().Replaces)
	_, err = b.svc.Replace(ctx, first, "Again")
	require.ErrorIs(t, err, receipt.ErrSuperseded)
	again, err := b.svc.Replace(ctx, issued.ID(), "Wrong again")
	require.NoError(t, err)
	require.Equal(t, "RB-2026-000002", again.Content().Replaces)
	b.requireGapless()

	var actions []string
	require.NoError(t, b.db.Read(ctx, database.Tenant(b.org), func(r database.Reader) error {
		return r.Gorm(ctx).Raw(`SELECT action FROM audit_events WHERE actor_id = ? ORDER BY seq`, b.staff).Scan(&actions).Error
	}))
	require.Equal(t, []string{
		"receipt.resent", "receipt.resent", "receipt.resent", "receipt.voided", "receipt.issued", "receipt.voided", "receipt.issued",
	}, actions)
}

func TestADonorWithoutAnAddressCannotBeMailed(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.ask(b.give(gift{Minor: 50_00}))
	require.ErrorIs(t, b.svc.Resend(actor.With(t.Context(), b.as()), b.receipts()[0].ID), receipt.ErrNoEmail)
}

func TestAnotherOrganizationFindsNothing(t *testing.T) {
	t.Parallel()
	b := open(t)
	donation := b.give(gift{Minor: 50_00, Email: "maya@example.org"})
	b.ask(donation)
	other := b.as()
	other.OrgID = newID()
	ctx := actor.With(t.Context(), other)
	found := b.receipts()[0].ID
	require.ErrorIs(t, b.svc.Resend(ctx, found), receipt.ErrNotFound)
	require.ErrorIs(t, b.svc.Void(ctx, found, "x"), receipt.ErrNotFound)
	_, err := b.svc.Replace(ctx, found, "x")
	require.ErrorIs(t, err, receipt.ErrNotFound)
	_, _, err = b.svc.PDF(ctx, other.OrgID, found)
	require.ErrorIs(t, err, receipt.ErrNotFound)
	require.Equal(t, fault.KindNotFound, fault.KindOf(b.svc.Issue(ctx, other.OrgID, donation)))
	_, _, err = b.svc.PDF(ctx, b.org, id.New[receipt.Receipt]())
	require.ErrorIs(t, err, receipt.ErrNotFound)
}
