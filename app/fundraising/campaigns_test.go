package fundraising_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/fundraising"
	"tributary/app/platform/database"
	"tributary/app/platform/queue/queuetest"
	"tributary/domain/campaign"
	"tributary/domain/cause"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/money"
)

func TestCreateKeepsADraftAndSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	made, err := w.service.Create(w.owner, library(w))
	require.NoError(t, err)
	require.Equal(t, campaign.Draft, made.Status)
	read, err := w.service.Find(w.owner, made.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, made.Details(), read.Details())
	require.Equal(t, made.CreatedAt, read.CreatedAt)
	require.Equal(t, []string{"campaign.created"}, w.history(made.ID.UUID))
}

func TestASlugIsTakenOnceInAnOrganization(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	_, err := w.service.Create(w.owner, library(w))
	require.NoError(t, err)
	_, err = w.service.Create(w.owner, library(w))
	require.ErrorIs(t, err, campaign.ErrSlugTaken)
}

func TestAFundOfAnotherOrganizationIsNoPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	harbor := w.anotherOrganization()
	_, err := w.service.Create(as(t, harbor.ID.UUID), library(w))
	require.ErrorIs(t, err, campaign.ErrFundElsewhere)
}

func TestAnotherOrganizationFindsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	c := w.live()
	stranger := as(t, w.anotherOrganization().ID.UUID)
	_, err := w.service.Find(stranger, c.ID.UUID)
	require.ErrorIs(t, err, campaign.ErrNotFound)
	_, err = w.service.End(stranger, c.ID.UUID)
	require.ErrorIs(t, err, campaign.ErrNotFound)
	list, _, err := w.service.List(stranger, fundraising.Page{Limit: 10})
	require.NoError(t, err)
	require.Empty(t, list)
}

func TestReviseSavesWhatChangedAndRecordsTheDifference(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	c := w.live()
	title, none := "A new library", false
	got, err := w.service.Revise(w.owner, c.ID.UUID, campaign.Patch{Title: &title, ShowDonors: &none}, c.Version)
	require.NoError(t, err)
	require.Equal(t, title, got.Title)
	require.False(t, got.ShowDonors)
	_, err = w.service.Revise(w.owner, c.ID.UUID, campaign.Patch{Title: &title}, c.Version)
	require.ErrorIs(t, err, campaign.ErrChanged)
	require.Equal(t, []string{"campaign.created", "campaign.published", "campaign.revised"}, w.history(c.ID.UUID))
	var before, after string
	w.inTx(w.org.ID.UUID, func(tx database.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT before::text, after::text FROM audit_events WHERE action = 'campaign.revised'`).Scan(&before, &after)
	})
	require.JSONEq(t, `{"title": "Rebuild the library", "show_donors": true}`, before)
	require.JSONEq(t, `{"title": "A new library", "show_donors": false}`, after)
}

func TestTwoEditorsAtOnceDoNotOverwriteEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	c := w.live()
	results := make(chan error, 2)
	for _, title := range []string{"One", "Two"} {
		go func() {
			_, err := w.service.Revise(w.owner, c.ID.UUID, campaign.Patch{Title: &title}, c.Version)
			results <- err
		}()
	}
	first, second := <-results, <-results
	if first != nil {
		first, second = second, first
	}
	require.NoError(t, first)
	require.ErrorIs(t, second, campaign.ErrChanged)
}

func TestPublishNeedsAPublishedCause(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.inTx(w.org.ID.UUID, func(tx database.Tx) error {
		return tx.Gorm(t.Context()).Model(&w.cause).Update("status", cause.Draft).Error
	})
	c, err := w.service.Create(w.owner, library(w))
	require.NoError(t, err)
	_, err = w.service.Publish(w.owner, c.ID.UUID)
	require.ErrorIs(t, err, campaign.ErrCauseUnpublished)
	read, err := w.service.Find(w.owner, c.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, campaign.Draft, read.Status)
}

func TestALiveCampaignMovesOnlyToWhatTakesGifts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	hidden := cause.Cause{OrgID: w.org.ID.UUID, ID: id.New[cause.Cause](), Slug: "meals", Name: "Meals", Status: cause.Draft, CreatedAt: w.clock.Now(), UpdatedAt: w.clock.Now()}
	hiddenFund, err := hidden.AddFund(cause.FundDetails{Code: "MEA", Name: "Meals", Restriction: cause.ForPurpose}, w.clock.Now())
	require.NoError(t, err)
	closed, err := w.cause.AddFund(cause.FundDetails{Code: "OLD", Name: "Old", Restriction: cause.ForPurpose}, w.clock.Now())
	require.NoError(t, err)
	closed.Active = false
	other, err := w.cause.AddFund(cause.FundDetails{Code: "NEW", Name: "New", Restriction: cause.ForPurpose}, w.clock.Now())
	require.NoError(t, err)
	w.inTx(w.org.ID.UUID, func(tx database.Tx) error {
		for _, row := range []any{&hidden, &hiddenFund, &closed, &other} {
			if err := tx.Gorm(t.Context()).Select("*").Create(row).Error; err != nil {
				return err
			}
		}
		return nil
	})
	c := w.live()
	unknown := id.New[cause.Fund]()
	for _, tc := range []struct {
		patch campaign.Patch
		want  error
	}{
		{campaign.Patch{CauseID: &hidden.ID, FundID: &hiddenFund.ID}, campaign.ErrCauseUnpublished},
		{campaign.Patch{FundID: &closed.ID}, campaign.ErrFundInactive},
		{campaign.Patch{FundID: &hiddenFund.ID}, campaign.ErrFundElsewhere},
		{campaign.Patch{FundID: &unknown}, campaign.ErrFundElsewhere},
	} {
		_, err := w.service.Revise(w.owner, c.ID.UUID, tc.patch, c.Version)
		require.ErrorIs(t, err, tc.want)
	}
	got, err := w.service.Revise(w.owner, c.ID.UUID, campaign.Patch{FundID: &other.ID}, c.Version)
	require.NoError(t, err)
	require.Equal(t, other.ID, got.FundID)
}

func TestRaisedComesFromTheLedgerAndFollowsRefunds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	c := w.live()
	w.give(5000)
	second := w.give(2500, func(r *donation.CheckoutRequest) { r.CoverFee = true })
	read, err := w.service.Find(w.owner, c.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, money.New(7500, "USD"), read.Progress.Raised, "what donors add for the fee is not raised")
	require.Equal(t, int64(2), read.Progress.Gifts)

	detail, err := w.giving.Find(w.owner, second.DonationID)
	require.NoError(t, err)
	_, err = w.giving.Refund(w.owner, second.DonationID, donation.RefundRequest{Amount: detail.Total(), Reason: donation.RequestedByDonor})
	require.NoError(t, err)
	queuetest.Drain(t, w.jobs)
	w.confirm(second)
	read, err = w.service.Find(w.owner, c.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, money.New(5000, "USD"), read.Progress.Raised)
	require.Equal(t, int64(1), read.Progress.Gifts)
}

func TestListPagesNewestFirstWithTotals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live()
	w.give(5000)
	for _, slug := range []string{"second", "third"} {
		w.clock.Advance(time.Minute)
		d := library(w)
		d.Slug = slug
		_, err := w.service.Create(w.owner, d)
		require.NoError(t, err)
	}
	first, next, err := w.service.List(w.owner, fundraising.Page{Limit: 2})
	require.NoError(t, err)
	require.Equal(t, []string{"third", "second"}, slugs(first))
	require.NotNil(t, next)
	rest, next, err := w.service.List(w.owner, fundraising.Page{Limit: 2, Before: next})
	require.NoError(t, err)
	require.Equal(t, []string{"library"}, slugs(rest))
	require.Nil(t, next)
	require.Equal(t, int64(5000), rest[0].Progress.Raised.Minor)
	drafts, _, err := w.service.List(w.owner, fundraising.Page{Limit: 10, Status: campaign.Draft})
	require.NoError(t, err)
	require.Equal(t, []string{"third", "second"}, slugs(drafts))
}

func TestACampaignEndsAfterItsLastDayAtTheOrganization(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	today := day.In(w.clock.Now(), w.org.Location())
	c := w.live(func(d *campaign.Details) { d.EndsOn = today })
	require.NoError(t, w.service.Finish(t.Context(), campaign.Finish{OrgID: w.org.ID.UUID, CampaignID: c.ID.UUID}))
	require.Equal(t, campaign.Live, w.status(c), "the day is not over")
	require.Equal(t, 1, queuetest.Waiting(t, w.jobs, "campaign.finish"))
	w.clock.Advance(24 * time.Hour)
	queuetest.MakeDue(t, w.jobs, "campaign.finish")
	queuetest.Drain(t, w.jobs)
	require.Equal(t, campaign.Ended, w.status(c))
	require.NoError(t, w.service.Finish(t.Context(), campaign.Finish{OrgID: w.org.ID.UUID, CampaignID: c.ID.UUID}), "a second run changes nothing")
	require.Equal(t, []string{"campaign.created", "campaign.published", "campaign.ended"}, w.history(c.ID.UUID))
}

func TestMovingTheLastDaySchedulesItsEndAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	today := day.In(w.clock.Now(), w.org.Location())
	c := w.live(func(d *campaign.Details) { d.EndsOn = today })
	later := today.AddDays(3)
	_, err := w.service.Revise(w.owner, c.ID.UUID, campaign.Patch{EndsOn: &later}, c.Version)
	require.NoError(t, err)
	require.Equal(t, 2, queuetest.Waiting(t, w.jobs, "campaign.finish"))
	w.clock.Advance(25 * time.Hour)
	require.NoError(t, w.service.Finish(t.Context(), campaign.Finish{OrgID: w.org.ID.UUID, CampaignID: c.ID.UUID}))
	require.Equal(t, campaign.Live, w.status(c), "the old day no longer counts")
}

func TestGivingFindsWhatThePublicSees(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	draft, err := w.service.Create(w.owner, library(w))
	require.NoError(t, err)
	_, _, err = w.service.CampaignForGiving(t.Context(), "riverbend", "library")
	require.ErrorIs(t, err, campaign.ErrNotFound)
	_, err = w.service.Publish(w.owner, draft.ID.UUID)
	require.NoError(t, err)
	org, c, err := w.service.CampaignForGiving(t.Context(), "riverbend", "library")
	require.NoError(t, err)
	require.Equal(t, w.org.ID, org.ID)
	require.Equal(t, draft.ID, c.ID)
	_, err = w.service.End(w.owner, draft.ID.UUID)
	require.NoError(t, err)
	_, c, err = w.service.CampaignForGiving(t.Context(), "riverbend", "library")
	require.NoError(t, err)
	require.Equal(t, campaign.Ended, c.Status, "the checkout says so")
	_, _, err = w.service.CampaignForGiving(t.Context(), "nobody", "library")
	require.Error(t, err)
}

func TestRecentGiftsShowWhatTheirGiversChose(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live()
	for _, visibility := range []donation.Visibility{donation.NameAndAmount, donation.NameOnly, donation.Anonymous} {
		w.give(5000, func(r *donation.CheckoutRequest) { r.Visibility, r.Comment = visibility, string(visibility) })
		w.clock.Advance(time.Minute)
	}
	st, err := w.service.Standing(t.Context(), "riverbend", "library")
	require.NoError(t, err)
	require.Len(t, st.Recent, 3)
	require.Empty(t, st.Recent[0].Name)
	require.Nil(t, st.Recent[0].Amount)
	require.Equal(t, "Grace Hopper", st.Recent[1].Name)
	require.Nil(t, st.Recent[1].Amount)
	require.Equal(t, "Grace Hopper", st.Recent[2].Name)
	require.Equal(t, money.New(5000, "USD"), *st.Recent[2].Amount)
}

func TestWatchTellsEveryChangeAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	c := w.live()
	ctx, cancel := context.WithCancel(w.owner)
	defer cancel()
	told := make(chan int64)
	done := make(chan error, 1)
	go func() {
		done <- w.service.Watch(ctx, c.ID.UUID, func(c fundraising.Counted) error {
			told <- c.Progress.Raised.Minor
			return nil
		})
	}()
	require.Zero(t, <-told)
	w.give(5000)
	require.Equal(t, int64(5000), <-told)
	w.service.ProgressMoved("not a payload")
	cancel()
	require.NoError(t, <-done)
}

func TestWordThatMayBeLostMakesEverybodyLookAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	c := w.live()
	ctx, cancel := context.WithCancel(w.owner)
	defer cancel()
	told := make(chan int64)
	done := make(chan error, 1)
	go func() {
		done <- w.service.Watch(ctx, c.ID.UUID, func(c fundraising.Counted) error {
			told <- c.Progress.Raised.Minor
			return nil
		})
	}()
	require.Zero(t, <-told)
	remembered, err := w.service.Standing(t.Context(), "riverbend", "library")
	require.NoError(t, err)
	require.Zero(t, remembered.Progress.Gifts)
	started := w.start(5000)
	w.pay(started.RedirectURL, "4242424242424242")
	require.NoError(t, w.giving.Refresh(t.Context(), w.org.ID.UUID, started.DonationID.UUID))
	w.service.ProgressMoved("")
	require.Equal(t, int64(5000), <-told)
	again, err := w.service.Standing(t.Context(), "riverbend", "library")
	require.NoError(t, err)
	require.Equal(t, int64(1), again.Progress.Gifts, "the clock stands still: what was remembered must be forgotten")
	cancel()
	require.NoError(t, <-done)
}

func slugs(list []fundraising.Counted) []string {
	var names []string
	for _, c := range list {
		names = append(names, c.Slug)
	}
	return names
}

func (w *world) status(c fundraising.Counted) campaign.Status {
	w.t.Helper()
	read, err := w.service.Find(w.owner, c.ID.UUID)
	require.NoError(w.t, err)
	return read.Status
}

func (w *world) history(id uuid.UUID) (actions []string) {
	w.t.Helper()
	w.inTx(w.org.ID.UUID, func(tx database.Tx) error {
		return tx.Gorm(w.t.Context()).Table("audit_events").Where("subject_id = ?", id).Order("seq").Pluck("action", &actions).Error
	})
	return actions
}

func usd(minor int64) money.Money { return money.New(minor, "USD") }
