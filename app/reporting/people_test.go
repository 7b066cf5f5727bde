package reporting_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/reporting"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/person"
)

func TestASummaryIsOfTheMoneyThatStayed(t *testing.T) {
	t.Parallel()
	w := open(t)
	lastYear := w.give(w.charity, gift{minor: 100_00, cover: 3_00, at: time.Date(2026, 1, 1, 4, 59, 0, 0, time.UTC)}) // 23:59 on New Year's Eve in New York
	w.give(w.charity, gift{minor: 50_00, at: time.Date(2026, 1, 1, 5, 0, 0, 0, time.UTC)})
	w.give(w.charity, gift{minor: 7_00, currency: "EUR", at: now.Add(-time.Hour)})
	w.giveBack(lastYear, 30_00, "succeeded", now.Add(-time.Minute))
	returned := w.give(w.charity, gift{minor: 9_00, at: now.Add(-2 * time.Hour)})
	w.giveBack(returned, 9_00, "succeeded", now.Add(-time.Minute))
	for _, status := range []string{"draft", "failed", "review", "processing", "cancelled"} {
		w.give(w.charity, gift{minor: 1_000_00, status: status})
	}
	w.give(w.charity, gift{minor: 5_000_00, person: w.personOf(w.org, "ada@example.org")})

	got, promised, err := w.Summary(w.as(w.charity, account.Viewer), w.person)
	require.NoError(t, err)
	require.Equal(t, []reporting.Summary{
		{Currency: "USD", Lifetime: 120_00, ThisYear: 50_00, GiftCount: 2, FirstGiftOn: day.New(2025, 12, 31), LastGiftOn: day.New(2026, 11, 30)},
		{Currency: "EUR", Lifetime: 7_00, ThisYear: 7_00, GiftCount: 1, FirstGiftOn: day.New(2026, 11, 30), LastGiftOn: day.New(2026, 11, 30)},
	}, got)
	require.Empty(t, promised)

	var page struct {
		Items []struct {
			Average     money.Money `json:"average"`
			FirstGiftOn string      `json:"first_gift_on"`
		}
	}
	status, text := w.get("viewer", "/people/"+w.person.String()+"/summary", &page)
	require.Equal(t, http.StatusOK, status, text)
	require.Equal(t, money.New(60_00, "USD"), page.Items[0].Average)
	require.Equal(t, "2025-12-31", page.Items[0].FirstGiftOn)
}

func TestWhoNeverGaveHasAnEmptySummary(t *testing.T) {
	t.Parallel()
	w := open(t)
	status, text := w.get("viewer", "/people/"+w.person.String()+"/summary", nil)
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"items":[],"promises":[]}`, text)
}

func TestSumsOfPeopleAreForWhoMaySeeGifts(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.give(w.charity, gift{})
	path := "/people/" + w.person.String()
	for _, tc := range []struct {
		role, path string
		status     int
	}{
		{"", path + "/summary", http.StatusUnauthorized},
		{"", path + "/timeline", http.StatusUnauthorized},
		{"volunteer_coordinator", path + "/summary", http.StatusForbidden},
		{"stranger", path + "/summary", http.StatusNotFound},
		{"stranger", path + "/timeline", http.StatusNotFound},
		{"owner", "/people/" + uuid.NewString() + "/summary", http.StatusNotFound},
		{"owner", "/people/" + uuid.NewString() + "/timeline", http.StatusNotFound},
	} {
		var problem struct{ Code string }
		status, text := w.get(tc.role, tc.path, &problem)
		require.Equal(t, tc.status, status, "%s as %q: %s", tc.path, tc.role, text)
		if status == http.StatusNotFound {
			require.Equal(t, "person.not_found", problem.Code)
		}
	}
	_, _, err := w.Summary(w.as(w.other, account.Owner), w.person)
	require.ErrorIs(t, err, person.ErrNotFound)
	_, err = w.Timeline(w.as(w.other, account.Owner), w.person, time.Time{}, uuid.Nil, 10)
	require.ErrorIs(t, err, person.ErrNotFound)
}

// moments writes one of each kind, all at the same instant but for the change a second before.
func (w *world) moments(at time.Time) (kinds map[uuid.UUID]string) {
	w.t.Helper()
	donation := w.give(w.charity, gift{minor: 20_00, campaign: &w.campaign, at: at})
	return map[uuid.UUID]string{
		donation: "gift", w.giveBack(donation, 5_00, "succeeded", at): "refund", w.receipt(donation, 1, at): "receipt", w.mail(&donation, "sent", at): "mail",
		w.audit("person", w.person, "person.changed", at.Add(-time.Second)): "change",
	}
}

type timelinePage struct {
	Items []struct {
		Kind, ID, Title, State string
		At                     time.Time
		Amount                 *money.Money
		DonationID             string `json:"donation_id"`
	}
	NextCursor string `json:"next_cursor"`
}

func TestATimelineMixesEverythingThatHappened(t *testing.T) {
	t.Parallel()
	w := open(t)
	want := w.moments(now.Add(-time.Hour))
	w.give(w.charity, gift{status: "failed"})
	w.give(w.charity, gift{person: w.personOf(w.org, "ada@example.org")})
	w.audit("donation", w.person, "donation.recorded", now.Add(-time.Hour))

	var page timelinePage
	status, text := w.get("viewer", "/people/"+w.person.String()+"/timeline", &page)
	require.Equal(t, http.StatusOK, status, text)
	require.Empty(t, page.NextCursor)
	require.Len(t, page.Items, len(want))
	require.Equal(t, "change", page.Items[4].Kind, "the oldest comes last")
	titles := map[string]string{"gift": "Winter appeal", "refund": "mistake", "receipt": "RB-1", "mail": "Thank you", "change": "person.changed"}
	states := map[string]string{"gift": "partially_refunded", "refund": "succeeded", "receipt": "standing", "mail": "sent", "change": ""}
	amounts := map[string]int64{"gift": 20_00, "refund": 5_00, "receipt": 10_00}
	for _, m := range page.Items {
		require.Equal(t, want[uuid.MustParse(m.ID)], m.Kind)
		require.Equal(t, titles[m.Kind], m.Title)
		require.Equal(t, states[m.Kind], m.State, m.Kind)
		require.Equal(t, m.Kind == "change", m.DonationID == "", m.Kind)
		if minor, moves := amounts[m.Kind]; moves {
			require.Equal(t, money.New(minor, "USD"), *m.Amount, m.Kind)
		} else {
			require.Nil(t, m.Amount, m.Kind)
		}
	}
}

func TestATimelineShowsNoMoneyToWhoMayNotSeeGifts(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.moments(now.Add(-time.Hour)) // the mail among them thanks for a gift
	w.exec(w.org, `insert into messages (org_id, id, kind, dedupe_key, person_id, to_email, subject, text_body, html_body, state, created_at)
		values ($1, $2, 'supporter.link', 'link', $3, 'maya@example.org', 'Your link', '', '', 'sent', $4)`, w.org, newID(), w.person, now.Add(-time.Minute))
	var page timelinePage
	status, text := w.get("volunteer_coordinator", "/people/"+w.person.String()+"/timeline", &page)
	require.Equal(t, http.StatusOK, status, text)
	var kinds []string
	for _, m := range page.Items {
		kinds = append(kinds, m.Kind)
	}
	require.Equal(t, []string{"mail", "change"}, kinds)
	require.NotContains(t, text, "amount")
	require.NotContains(t, text, "RB-1")
	require.NotContains(t, text, "Thank you", "a mail's subject may speak of money")
}

func TestATimelineIsPagedWithoutLossOrRepetition(t *testing.T) {
	t.Parallel()
	w := open(t)
	at := now.Add(-time.Hour)
	want := map[string]bool{}
	for found := range w.moments(at) {
		want[found.String()] = true
	}
	for i := range 4 { // many more moments within one instant, and some before it
		want[w.give(w.charity, gift{at: at}).String()] = true
		want[w.mail(nil, "queued", at).String()] = true
		want[w.audit("person", w.person, "person.changed", at).String()] = true
		want[w.audit("person", w.person, "person.changed", at.Add(-time.Duration(i)*time.Second)).String()] = true // in another order than they were written
		want[w.mail(nil, "sent", at.Add(-time.Duration(i)*time.Microsecond)).String()] = true
	}
	var all timelinePage
	_, text := w.get("owner", "/people/"+w.person.String()+"/timeline", &all)
	require.Len(t, all.Items, len(want), text)

	for _, limit := range []int{1, 2, 3, 7, 20, 21} {
		var got []string
		cursor := ""
		for pages := 0; pages == 0 || cursor != ""; pages++ {
			require.LessOrEqual(t, pages, len(want), "it ends")
			var page timelinePage
			status, text := w.get("owner", fmt.Sprintf("/people/%s/timeline?limit=%d&cursor=%s", w.person, limit, cursor), &page)
			require.Equal(t, http.StatusOK, status, text)
			require.LessOrEqual(t, len(page.Items), limit)
			for _, m := range page.Items {
				require.True(t, want[m.ID])
				got = append(got, m.ID)
			}
			cursor = page.NextCursor
		}
		var whole []string
		for _, m := range all.Items {
			whole = append(whole, m.ID)
		}
		require.Equal(t, whole, got, "pages of %d", limit)
	}
	status, text := w.get("owner", "/people/"+w.person.String()+"/timeline?cursor=nonsense", nil)
	require.Equal(t, http.StatusUnprocessableEntity, status, text)
	require.Contains(t, text, "cursor.invalid")
}

func TestGiftsOfASupporterStandOnTheirReceipt(t *testing.T) {
	t.Parallel()
	w := open(t)
	first := w.give(w.charity, gift{minor: 20_00, cover: 1_00, at: now.Add(-48 * time.Hour)})
	void, standing := w.receipt(first, 1, now), w.receipt(first, 2, now)
	w.exec(w.org, "insert into receipt_voids (org_id, receipt_id, reason, voided_at) values ($1, $2, 'refund', now())", w.org, void)
	w.exec(w.org, "insert into standing_receipts (org_id, donation_id, receipt_id) values ($1, $2, $3)", w.org, first, standing)
	second := w.give(w.charity, gift{campaign: &w.campaign, at: now.Add(-24 * time.Hour)})
	w.giveBack(second, 4_00, "succeeded", now)
	third := w.give(w.charity, gift{campaign: &w.campaign, at: now.Add(-24 * time.Hour)})
	w.give(w.charity, gift{status: "processing"})

	got, err := w.GiftsOf(t.Context(), w.org, id.From[person.Person](w.person))
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{third, second, first}, []uuid.UUID{got[0].DonationID, got[1].DonationID, got[2].DonationID}, "newest first, by id within an instant")
	require.Equal(t, []person.GiftReceipt{{ID: standing, Number: "RB-2"}}, got[2].Receipts)
	require.Equal(t, "School library", got[2].Purpose, "the cause, without a campaign")
	require.Equal(t, money.New(21_00, "USD"), got[2].Amount, "with the cover, as the card was charged")
	require.Equal(t, day.New(2026, 11, 29), got[2].ReceivedOn)
	require.Equal(t, "Winter appeal", got[1].Purpose)
	require.Equal(t, money.New(4_00, "USD"), got[1].Refunded)
	require.Empty(t, got[0].Receipts, "none yet")
	require.False(t, slices.ContainsFunc(got, func(g person.Gift) bool { return g.Reference == "" }))

	got, err = w.GiftsOf(t.Context(), w.other.org, id.From[person.Person](w.person))
	require.NoError(t, err)
	require.Empty(t, got, "another organization's supporter")
}
