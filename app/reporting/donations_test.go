package reporting_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/reporting"
	"tributary/domain/account"
	"tributary/domain/donation"
	"tributary/domain/ledger"
	"tributary/domain/money"
)

func TestADonationsTrailIsWhatFollowedFromIt(t *testing.T) {
	t.Parallel()
	w := open(t)
	at := now.Add(-time.Hour)
	gave := w.give(w.charity, gift{minor: 20_00, cover: 1_00, at: at})
	w.giveBack(gave, 5_00, "succeeded", now)
	void, standing := w.receipt(gave, 1, at), w.receipt(gave, 2, now)
	w.exec(w.org, "insert into receipt_voids (org_id, receipt_id, reason, voided_at) values ($1, $2, 'Part was given back', $3)", w.org, void, now)
	w.mail(&gave, "sent", at)
	w.mail(nil, "sent", at)
	w.audit("donation", gave, "donation.recorded", at)
	w.audit("donation", gave, "donation.noted", at)
	w.audit("person", gave, "person.changed", at)
	w.give(w.charity, gift{})

	got, err := w.Trail(w.as(w.charity, account.Viewer), gave)
	require.NoError(t, err)
	require.Equal(t, []ledger.Kind{ledger.GiftReceived, ledger.RefundCreated}, []ledger.Kind{got.Bookings[0].Kind, got.Bookings[1].Kind})
	require.Len(t, got.Bookings, 2)
	require.Equal(t, []ledger.Account{ledger.StripeClearing, ledger.Income, ledger.FeeCover}, []ledger.Account{
		got.Bookings[0].Lines[0].Account, got.Bookings[0].Lines[1].Account, got.Bookings[0].Lines[2].Account,
	})
	require.Equal(t, []string{"RB-1", "RB-2"}, []string{got.Receipts[0].Number, got.Receipts[1].Number})
	require.Equal(t, void, got.Receipts[0].ID)
	require.Equal(t, standing, got.Receipts[1].ID)
	require.Equal(t, "Part was given back", *got.Receipts[0].VoidReason)
	require.Nil(t, got.Receipts[1].VoidedAt)
	require.Len(t, got.Mails, 1)
	require.Len(t, got.History, 2)
	require.Equal(t, "donation.recorded", got.History[0].Action, "oldest first")

	type side struct {
		Account       ledger.Account
		Debit, Credit *money.Money
	}
	var page struct {
		Ledger  []struct{ Entries []side }
		History []struct {
			ActorName string `json:"actor_name"`
			After     map[string]any
		}
	}
	status, text := w.get("viewer", "/donations/"+gave.String()+"/trail", &page)
	require.Equal(t, http.StatusOK, status, text)
	amount := func(minor int64) *money.Money { m := money.New(minor, "USD"); return &m }
	require.Equal(t, []side{{ledger.StripeClearing, amount(21_00), nil}, {ledger.Income, nil, amount(20_00)}, {ledger.FeeCover, nil, amount(1_00)}}, page.Ledger[0].Entries)
	require.Equal(t, []side{{ledger.Income, amount(5_00), nil}, {ledger.RefundsPayable, nil, amount(5_00)}}, page.Ledger[1].Entries)
	require.EqualValues(t, 1000, page.History[0].After["amount_minor"])
}

func TestATrailBeforeAnythingHappenedIsEmpty(t *testing.T) {
	t.Parallel()
	w := open(t)
	draft := w.give(w.charity, gift{status: "draft"})
	status, text := w.get("viewer", "/donations/"+draft.String()+"/trail", nil)
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"ledger":[],"receipts":[],"messages":[],"history":[]}`, text)
}

func TestATrailIsForWhoMaySeeTheGift(t *testing.T) {
	t.Parallel()
	w := open(t)
	gave := w.give(w.charity, gift{})
	path := "/donations/" + gave.String() + "/trail"
	for role, want := range map[string]int{"": http.StatusUnauthorized, "volunteer_coordinator": http.StatusForbidden, "stranger": http.StatusNotFound, "finance": http.StatusOK} {
		status, text := w.get(role, path, nil)
		require.Equal(t, want, status, "as %q: %s", role, text)
		if want != http.StatusOK {
			require.NotContains(t, text, "stripe_charge")
		}
	}
	_, err := w.Trail(w.as(w.other, account.Owner), gave)
	require.ErrorIs(t, err, donation.ErrNotFound)
	_, err = w.Trail(w.as(w.charity, account.Owner), uuid.New())
	require.ErrorIs(t, err, donation.ErrNotFound)
}

func TestTodayIsTheOrganizationsDay(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.give(w.charity, gift{minor: 1_00, at: now.Add(-time.Minute)})
	w.give(w.charity, gift{minor: 10_00, at: now.Add(-5 * time.Minute)})              // midnight in New York
	w.give(w.charity, gift{minor: 100_00, at: now.Add(-5*time.Minute - time.Second)}) // the last second of November there
	w.give(w.charity, gift{minor: 3_00, cover: 1_00, currency: "EUR"})                // cover is no gift
	returned := w.give(w.charity, gift{minor: 8_00, at: now.Add(-2 * time.Minute)})   // of which half stays
	w.giveBack(returned, 4_00, "succeeded", now)
	w.give(w.charity, gift{minor: 1_000_00, status: "processing"})
	w.give(w.other, gift{minor: 5_000_00})

	got, err := w.Today(w.as(w.charity, account.Viewer))
	require.NoError(t, err)
	require.Equal(t, []reporting.Taken{{Currency: "USD", Today: 15_00, Month: 15_00}, {Currency: "EUR", Today: 3_00, Month: 3_00}}, got.Taken)

	got, err = w.Today(w.as(w.other, account.Viewer))
	require.NoError(t, err)
	require.Equal(t, []reporting.Taken{{Currency: "USD", Today: 5_000_00, Month: 5_000_00}}, got.Taken)

	w.clock = now.AddDate(0, 0, 9)
	w.give(w.charity, gift{minor: 2_00, at: w.clock})
	got, err = w.Today(w.as(w.charity, account.Viewer))
	require.NoError(t, err)
	require.Equal(t, []reporting.Taken{{Currency: "USD", Today: 2_00, Month: 17_00}, {Currency: "EUR", Today: 0, Month: 3_00}}, got.Taken, "nine days later")
}

func TestTodayListsWhomToThank(t *testing.T) {
	t.Parallel()
	w := open(t)
	at := now.Add(-time.Hour)
	w.give(w.charity, gift{at: at.Add(-time.Hour), thanked: true})
	again := w.give(w.charity, gift{at: at, campaign: &w.campaign})
	ada := w.personOf(w.org, "ada@example.org")
	one := w.give(w.charity, gift{at: at, person: ada})
	other := w.give(w.charity, gift{at: at, person: ada})
	w.give(w.charity, gift{status: "draft"})
	back := w.give(w.charity, gift{minor: 5_00})
	w.giveBack(back, 5_00, "succeeded", now)
	w.give(w.other, gift{})

	got, err := w.Today(w.as(w.charity, account.Viewer))
	require.NoError(t, err)
	require.Equal(t, 3, got.ToThankCount)
	require.Equal(t, []uuid.UUID{other, one, again}, []uuid.UUID{got.ToThank[0].ID, got.ToThank[1].ID, got.ToThank[2].ID}, "newest first, by id within an instant")
	require.Equal(t, []bool{false, true, false}, []bool{got.ToThank[0].FirstGift, got.ToThank[1].FirstGift, got.ToThank[2].FirstGift}, "one gift of an instant is the first")
	require.Equal(t, "Winter appeal", *got.ToThank[2].CampaignTitle)

	for range 25 {
		w.give(w.charity, gift{})
	}
	got, err = w.Today(w.as(w.charity, account.Viewer))
	require.NoError(t, err)
	require.Len(t, got.ToThank, 20, "a screenful")
	require.Equal(t, 28, got.ToThankCount)
}

func TestTodayNamesWhatNeedsALook(t *testing.T) {
	t.Parallel()
	w := open(t)
	recently, long := now.Add(-24*time.Hour), now.Add(-31*24*time.Hour)
	review := w.give(w.charity, gift{status: "review", at: long})
	w.exec(w.org, "update donations set review_reason = 'amount_differs' where id = $1", review)
	gave := w.give(w.charity, gift{at: recently, thanked: true})
	w.giveBack(gave, 5_00, "failed", recently)
	w.giveBack(gave, 5_00, "failed", long)
	w.giveBack(gave, 5_00, "pending", recently)
	w.mail(&gave, "failed", recently.Add(time.Minute))
	w.mail(&gave, "failed", long)
	w.mail(&gave, "sent", recently)
	event := `insert into stripe_events (event_id, type, object_id, livemode, created, received_at, payload, state, last_error, org_id) values ($1, 'charge.succeeded', 'ch_1', false, $2, $2, '{}', $3, 'no such charge', $4)`
	w.exec(w.org, event, "evt_1", recently.Add(2*time.Minute), "failed", w.org)
	w.exec(w.org, event, "evt_2", recently, "applied", w.org)
	w.exec(w.other.org, event, "evt_3", recently, "failed", w.other.org)
	w.exec(w.org, event, "evt_4", recently, "failed", nil)

	var page struct {
		NeedsAttention []struct {
			Kind, Detail string
			DonationID   string `json:"donation_id"`
		} `json:"needs_attention"`
		ToThank  []any `json:"to_thank"`
		Received []any
	}
	status, text := w.get("viewer", "/today", &page)
	require.Equal(t, http.StatusOK, status, text)
	var kinds, details []string
	for _, a := range page.NeedsAttention {
		kinds, details = append(kinds, a.Kind), append(details, a.Detail)
	}
	require.Equal(t, []string{"event_failed", "mail_failed", "refund_failed", "review"}, kinds, "newest first; a review stays until somebody decides")
	require.Equal(t, []string{"no such charge", "Thank you", "lost_or_stolen_card", "amount_differs"}, details)
	require.Equal(t, review.String(), page.NeedsAttention[3].DonationID)
	require.Empty(t, page.ToThank)
	require.NotNil(t, page.Received, "an empty list, not null")
}

func TestTodayIsForWhoMaySeeGifts(t *testing.T) {
	t.Parallel()
	w := open(t)
	for role, want := range map[string]int{"": http.StatusUnauthorized, "volunteer_coordinator": http.StatusForbidden, "viewer": http.StatusOK} {
		status, text := w.get(role, "/today", nil)
		require.Equal(t, want, status, text)
	}
}
