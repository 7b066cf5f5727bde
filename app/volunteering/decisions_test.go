package volunteering_test

import (
	"context"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

func idsOfHours(lines ...volunteering.HoursLine) (ids []id.ID[volunteer.Hours]) {
	for _, l := range lines {
		ids = append(ids, l.ID)
	}
	return ids
}

func TestABatchIsDecidedAsAWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, ada, ben := w.mentoring(), w.person("Ada", "Hale", "ada@example.org"), w.person("Ben", "Low", "ben@example.org")
	first, second, decided := w.gave(ada, o, november(1), 60), w.gave(ben, o, november(2), 60), w.gave(ben, o, november(3), 60)
	w.approve(decided)
	_, err := w.volunteering.DecideHours(w.coordinator(), volunteering.Decision{
		IDs: append(idsOfHours(first, decided, second), id.New[volunteer.Hours]()), Approve: true,
	})
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.ErrorIs(t, err, volunteer.ErrDecided)
	require.Equal(t, []string{"ids[1]", "ids[3]"}, []string{f.Fields[0].Location, f.Fields[1].Location}, "each one that cannot be decided")
	require.Equal(t, []string{"hours.decided", "volunteer_hours.not_found"}, []string{f.Fields[0].Code, f.Fields[1].Code})
	pending, _, err := w.volunteering.ListHours(w.coordinator(), volunteering.HoursFilter{Status: volunteer.Pending, Limit: 10})
	require.NoError(t, err)
	require.Len(t, pending, 2, "nothing changed")
	require.NotContains(t, w.audited(first.ID.UUID), "hours.approved")

	lines, err := w.volunteering.DecideHours(w.coordinator(), volunteering.Decision{IDs: append(idsOfHours(first, second), first.ID), Approve: true})
	require.NoError(t, err)
	require.Len(t, lines, 2, "one named twice is decided once")
	for _, l := range lines {
		require.Equal(t, volunteer.Approved, l.Status)
		require.Equal(t, 2, l.Version)
		require.Equal(t, []string{"hours.recorded", "hours.approved"}, w.audited(l.ID.UUID))
	}
	_, err = w.volunteering.DecideHours(w.coordinator(), volunteering.Decision{Approve: true})
	blames(t, err, "ids")
	_, err = w.volunteering.DecideHours(w.coordinator(), volunteering.Decision{IDs: make([]id.ID[volunteer.Hours], 201), Approve: true})
	blames(t, err, "ids")
}

func TestARejectionSaysWhyByMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, ada, ben := w.mentoring(), w.person("Ada", "Hale", "ada@example.org"), w.person("Ben", "Low", "")
	lines := []volunteering.HoursLine{w.gave(ada, o, november(1), 60), w.gave(ada, o, november(2), 60), w.gave(ben, o, november(2), 60)}
	_, err := w.volunteering.DecideHours(w.coordinator(), volunteering.Decision{IDs: idsOfHours(lines...), Reason: "  "})
	blames(t, err, "reason")
	require.Empty(t, w.mails("ada@example.org"))
	rejected, err := w.volunteering.DecideHours(w.coordinator(), volunteering.Decision{IDs: idsOfHours(lines...), Reason: "We closed that day."})
	require.NoError(t, err)
	require.Len(t, rejected, 3)
	mails := w.mails("ada@example.org")
	require.Len(t, mails, 1, "one mail for both; none for who has no address")
	require.Contains(t, mails[0].Text, "We closed that day.")
	require.Equal(t, "We closed that day.", rejected[0].Reason)
	w.approve(lines[0])
	require.Equal(t, volunteer.Approved, w.hoursOf(ada)[0].Status, "a rejection can be taken back")
	require.Empty(t, w.hoursOf(ada)[0].Reason)
}

func TestACorrectionApprovesAndTells(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, ada := w.mentoring(), w.person("Ada", "Hale", "ada@example.org")
	line := w.gave(ada, o, november(1), 60)
	right := volunteer.Correction{Version: line.Version, On: november(2), Minutes: 45, Reason: "You came a day later."}
	for field, wrong := range map[string]volunteer.Correction{
		"on":      {Version: 1, On: november(23), Minutes: 45, Reason: "Why."},
		"minutes": {Version: 1, On: november(2), Minutes: 0, Reason: "Why."},
		"reason":  {Version: 1, On: november(2), Minutes: 45},
	} {
		_, err := w.volunteering.CorrectHours(w.coordinator(), line.ID, wrong)
		blames(t, err, field)
	}
	corrected, err := w.volunteering.CorrectHours(w.coordinator(), line.ID, right)
	require.NoError(t, err)
	require.Equal(t, volunteer.Approved, corrected.Status)
	require.Equal(t, 45, corrected.Minutes)
	require.Equal(t, november(2), corrected.On)
	require.Contains(t, w.mails("ada@example.org")[0].Text, "You came a day later.")
	_, err = w.volunteering.CorrectHours(w.coordinator(), line.ID, right)
	require.ErrorIs(t, err, volunteer.ErrChanged)
	_, err = w.volunteering.CorrectHours(w.coordinator(), id.New[volunteer.Hours](), right)
	require.ErrorIs(t, err, volunteer.ErrHours)
}

func TestNobodyApprovesTheirOwnHours(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, ada, ben := w.mentoring(), w.person("Ada", "Hale", "Coordinator@example.org"), w.person("Ben", "Low", "ben@example.org")
	login, err := account.NewLogin(account.LoginDetails{Name: "Ada", Email: "coordinator@EXAMPLE.org"}, w.now())
	require.NoError(t, err)
	token := uuid.New()
	w.inTx(func(tx database.Tx) error {
		if err := tx.Gorm(t.Context()).Create(&login).Error; err != nil {
			return err
		}
		return tx.Gorm(t.Context()).Exec(`insert into api_tokens (org_id, id, name, token_hash, hint, scopes, created_by, created_at)
			values (?, ?, 'Script', '\x00', '0000', '{hours:approve}', ?, ?)`, w.org.ID, token, login.ID, w.now()).Error
	})
	mine, bens := w.gave(ada, o, november(1), 60), w.gave(ben, o, november(1), 60)
	asLogin := actor.With(t.Context(), actor.Actor{Kind: actor.KindLogin, ID: login.ID.UUID, OrgID: w.org.ID.UUID})
	asToken := actor.With(t.Context(), actor.Actor{Kind: actor.KindToken, ID: token, OrgID: w.org.ID.UUID})
	for _, ctx := range []context.Context{asLogin, asToken} {
		_, err := w.volunteering.DecideHours(ctx, volunteering.Decision{IDs: idsOfHours(bens, mine), Approve: true})
		require.ErrorIs(t, err, volunteering.ErrOwnHours)
		blames(t, err, "ids[1]")
		_, err = w.volunteering.CorrectHours(ctx, mine.ID, volunteer.Correction{Version: 1, On: november(1), Minutes: 600, Reason: "More."})
		require.ErrorIs(t, err, volunteering.ErrOwnHours)
	}
	require.Equal(t, volunteer.Pending, w.hoursOf(ada)[0].Status)
	_, err = w.volunteering.DecideHours(asLogin, volunteering.Decision{IDs: idsOfHours(bens), Approve: true})
	require.NoError(t, err)
	_, err = w.volunteering.DecideHours(asLogin, volunteering.Decision{IDs: idsOfHours(mine), Reason: "I was not there."})
	require.NoError(t, err, "to say no to oneself is fine")
	w.approve(mine)
}

func TestTwoWhoDecideAtOnceDecideOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.mentoring()
	var lines []volunteering.HoursLine
	for _, name := range []string{"Ada", "Ben", "Cy", "Dee"} {
		lines = append(lines, w.gave(w.person(name, "", ""), o, november(1), 60))
	}
	var wg sync.WaitGroup
	results := make([]error, 4)
	for i := range results {
		order := idsOfHours(lines...)
		if i%2 == 1 {
			order[0], order[3] = order[3], order[0]
		}
		wg.Go(func() {
			_, results[i] = w.volunteering.DecideHours(w.coordinator(), volunteering.Decision{IDs: order, Approve: true})
		})
	}
	wg.Wait()
	worked := 0
	for _, err := range results {
		if err == nil {
			worked++
			continue
		}
		require.ErrorIs(t, err, volunteer.ErrDecided)
	}
	require.Equal(t, 1, worked)
}

func TestHoursOfAnotherOrganizationAreNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	line := w.gave(w.person("Ada", "Hale", ""), w.mentoring(), november(1), 60)
	other := actor.With(t.Context(), actor.Actor{Kind: actor.KindLogin, ID: uuid.New(), OrgID: w.neighbour().ID.UUID})
	_, err := w.volunteering.DecideHours(other, volunteering.Decision{IDs: idsOfHours(line), Approve: true})
	require.ErrorIs(t, err, volunteer.ErrHours)
	_, err = w.volunteering.CorrectHours(other, line.ID, volunteer.Correction{Version: 1, On: november(1), Minutes: 1, Reason: "No."})
	require.ErrorIs(t, err, volunteer.ErrHours)
	_, err = w.volunteering.LogHours(other, line.PersonID, volunteering.HoursInput{OpportunityID: line.OpportunityID, On: november(1), Minutes: 5})
	require.ErrorIs(t, err, person.ErrNotFound)
}
