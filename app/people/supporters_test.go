package people_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tributary/app/people"
	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/fault"
	"tributary/domain/person"
)

// mails are the bodies of supporter mails waiting to be sent, the oldest first.
func (f *fixture) mails(t *testing.T) []string {
	t.Helper()
	var bodies []string
	require.NoError(t, f.db.Read(t.Context(), database.Tenant(f.riverID), func(r database.Reader) error {
		return r.Gorm(t.Context()).Raw("SELECT text_body FROM messages WHERE kind = 'supporter.link' ORDER BY created_at, id").Scan(&bodies).Error
	}))
	return bodies
}

var linkForm = regexp.MustCompile(`https://give\.example/s/([A-Za-z0-9_-]{64})\s`)

// link asks for a link and takes the secret out of the mail.
func (f *fixture) link(t *testing.T, email string) string {
	t.Helper()
	require.NoError(t, f.RequestLink(t.Context(), people.LinkRequest{OrgSlug: "riverbend", Email: email, IP: "192.0.2.1"}))
	mails := f.mails(t)
	require.NotEmpty(t, mails)
	found := linkForm.FindStringSubmatch(mails[len(mails)-1])
	require.Len(t, found, 2)
	return found[1]
}

// enter makes a person, asks for a link, follows it and returns the supporter's context.
func (f *fixture) enter(t *testing.T) (context.Context, person.Person, people.Entry) {
	t.Helper()
	p := f.give(t, person.Details{FirstName: "Maria", LastName: "Gold", Email: "maria@example.org"})
	entry, err := f.UseLink(t.Context(), f.link(t, "MARIA@example.org"))
	require.NoError(t, err)
	who, csrf, err := f.AuthenticateSupporter(t.Context(), entry.Token)
	require.NoError(t, err)
	require.NotEmpty(t, csrf)
	return actor.With(t.Context(), who), p, entry
}

func TestSupporterLinkOpensTheirPage(t *testing.T) {
	t.Parallel()
	f := start(t)
	ctx, p, entry := f.enter(t)
	require.Equal(t, "riverbend", entry.Organization.Slug)
	who := actor.From(ctx)
	require.Equal(t, actor.KindSupporter, who.Kind)
	require.Equal(t, p.ID.UUID, who.ID)
	require.Equal(t, f.riverID, who.OrgID)
	require.Empty(t, who.Permissions)

	f.gifts[p.ID] = []person.Gift{{Reference: "G-1"}}
	me, err := f.Self(ctx)
	require.NoError(t, err)
	require.Equal(t, "Maria Gold", me.DisplayName())
	require.Equal(t, f.gifts[p.ID], me.Gifts)
	require.Equal(t, 1, f.count(t, f.riverID, `SELECT count(*) FROM audit_events
		WHERE action = 'supporter.signed_in' AND actor_kind = 'supporter' AND actor_id = $1`, p.ID))
}

func TestAProvedAddressOpensASession(t *testing.T) {
	t.Parallel()
	f := start(t)
	p := f.give(t, person.Details{FirstName: "Maria", Email: "maria@example.org"})
	var entry people.Entry
	open := func(after error) error {
		return f.db.InTx(t.Context(), database.Tenant(f.riverID), func(tx database.Tx) (err error) {
			if entry, err = f.OpenSessionTx(t.Context(), tx, f.river, p.ID); err != nil {
				return err
			}
			return after
		})
	}
	undone := errors.New("undone")
	require.ErrorIs(t, open(undone), undone)
	_, _, err := f.AuthenticateSupporter(t.Context(), entry.Token)
	require.ErrorIs(t, err, person.ErrSessionOver, "the session is part of the transaction")

	require.NoError(t, open(nil))
	who, _, err := f.AuthenticateSupporter(t.Context(), entry.Token)
	require.NoError(t, err)
	require.Equal(t, p.ID.UUID, who.ID)
	require.Equal(t, f.riverID, who.OrgID)
	require.Equal(t, "riverbend", entry.Organization.Slug)
	require.Equal(t, 1, f.count(t, f.riverID, `SELECT count(*) FROM audit_events
		WHERE action = 'supporter.signed_in' AND actor_kind = 'supporter' AND actor_id = $1`, p.ID))
}

func TestSupporterLinkToAStrangerSendsNothing(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.give(t, person.Details{FirstName: "Maria", Email: "maria@example.org"})
	require.NoError(t, f.RequestLink(t.Context(), people.LinkRequest{OrgSlug: "riverbend", Email: "nobody@example.org"}))
	require.NoError(t, f.RequestLink(t.Context(), people.LinkRequest{OrgSlug: "harbor", Email: "maria@example.org"}), "known elsewhere")
	require.NoError(t, f.RequestLink(t.Context(), people.LinkRequest{OrgSlug: "no-such", Email: "maria@example.org"}))
	require.Empty(t, f.mails(t))
	requireInvalid(t, f.RequestLink(t.Context(), people.LinkRequest{OrgSlug: "riverbend", Email: "maria@"}), "email")
}

func TestSupporterLinksAreLimited(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.give(t, person.Details{FirstName: "Maria", Email: "maria@example.org"})
	for i := range 5 {
		ask := people.LinkRequest{OrgSlug: "riverbend", Email: "maria@example.org", IP: fmt.Sprint("192.0.2.", i)}
		require.NoError(t, f.RequestLink(t.Context(), ask))
	}
	err := f.RequestLink(t.Context(), people.LinkRequest{OrgSlug: "riverbend", Email: "Maria@Example.org", IP: "192.0.2.99"})
	require.Equal(t, fault.KindRateLimited, fault.KindOf(err), "per address of mail, however it is written")
	require.Len(t, f.mails(t), 5)

	for i := range 20 {
		ask := people.LinkRequest{OrgSlug: "riverbend", Email: fmt.Sprintf("guess%d@example.org", i), IP: "198.51.100.7"}
		require.NoError(t, f.RequestLink(t.Context(), ask))
	}
	err = f.RequestLink(t.Context(), people.LinkRequest{OrgSlug: "riverbend", Email: "guess@example.org", IP: "198.51.100.7"})
	require.Equal(t, fault.KindRateLimited, fault.KindOf(err), "per address of the network")
}

func TestSupporterLinkWorksOnce(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.give(t, person.Details{FirstName: "Maria", Email: "maria@example.org"})
	token := f.link(t, "maria@example.org")
	for range 3 { // a mail scanner looks
		org, err := f.CheckLink(t.Context(), token)
		require.NoError(t, err)
		require.Equal(t, "Riverbend Trust", org.Name)
	}
	var racing errgroup.Group
	outcomes := make([]error, 10)
	for i := range outcomes {
		racing.Go(func() error {
			_, outcomes[i] = f.UseLink(t.Context(), token)
			return nil
		})
	}
	require.NoError(t, racing.Wait())
	entered := 0
	for _, err := range outcomes {
		if err == nil {
			entered++
			continue
		}
		require.ErrorIs(t, err, person.ErrLinkSpent)
	}
	require.Equal(t, 1, entered)
	require.Equal(t, 1, f.count(t, f.riverID, "SELECT count(*) FROM supporter_sessions"))
	_, err := f.CheckLink(t.Context(), token)
	require.ErrorIs(t, err, person.ErrLinkSpent)
}

func TestSupporterLinkExpires(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.give(t, person.Details{FirstName: "Maria", Email: "maria@example.org"})
	token := f.link(t, "maria@example.org")
	f.clock.Advance(person.LinkLife)
	_, err := f.CheckLink(t.Context(), token)
	require.ErrorIs(t, err, person.ErrLinkSpent)
	_, err = f.UseLink(t.Context(), token)
	require.ErrorIs(t, err, person.ErrLinkSpent)

	f.link(t, "maria@example.org")
	require.Equal(t, 1, f.count(t, f.riverID, "SELECT count(*) FROM supporter_links"), "the old one is forgotten")
}

func TestForgedSecretsOpenNothing(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, _, entry := f.enter(t)
	stolen, ok := person.ParseSecret(entry.Token)
	require.True(t, ok)
	elsewhere := stolen
	copy(elsewhere[:16], f.seaID[:])
	flipped := stolen
	flipped[47] ^= 1
	for _, secret := range []string{"", "x", entry.Token + "A", entry.Token[:63], elsewhere.String(), flipped.String(), person.Secret{}.String()} {
		_, _, err := f.AuthenticateSupporter(t.Context(), secret)
		require.Equal(t, fault.KindUnauthenticated, fault.KindOf(err))
		_, err = f.UseLink(t.Context(), secret)
		require.ErrorIs(t, err, person.ErrLinkSpent)
		_, err = f.CheckLink(t.Context(), secret)
		require.ErrorIs(t, err, person.ErrLinkSpent)
	}
	_, err := f.UseLink(t.Context(), entry.Token)
	require.ErrorIs(t, err, person.ErrLinkSpent, "a session's secret is no link")
}

func TestSupporterSessionEnds(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, _, entry := f.enter(t)
	require.NoError(t, f.EndSession(t.Context(), entry.Token))
	_, _, err := f.AuthenticateSupporter(t.Context(), entry.Token)
	require.ErrorIs(t, err, person.ErrSessionOver)
	require.NoError(t, f.EndSession(t.Context(), entry.Token), "ending twice is no error")

	second, err := f.UseLink(t.Context(), f.link(t, "maria@example.org"))
	require.NoError(t, err)
	f.clock.Advance(person.SessionLife)
	_, _, err = f.AuthenticateSupporter(t.Context(), second.Token)
	require.ErrorIs(t, err, person.ErrSessionOver)
}

func TestChangedAddressEndsAccess(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, p, entry := f.enter(t)
	waiting := f.link(t, "maria@example.org")
	_, err := f.Change(f.atRiver, p.ID, 1, person.Patch{Email: ptr("new@example.org")})
	require.NoError(t, err)
	_, _, err = f.AuthenticateSupporter(t.Context(), entry.Token)
	require.ErrorIs(t, err, person.ErrSessionOver)
	_, err = f.UseLink(t.Context(), waiting)
	require.ErrorIs(t, err, person.ErrLinkSpent)
}

func TestSupporterChangesOwnDetailsOnly(t *testing.T) {
	t.Parallel()
	f := start(t)
	ctx, p, _ := f.enter(t)
	other, err := f.Create(f.atRiver, person.Details{FirstName: "Other", Email: "other@example.org"})
	require.NoError(t, err)
	patch := person.Patch{
		Phone: ptr("+1 307 555 0100"), City: ptr("Casper"), Email: ptr("evil@example.org"), DoNotContact: ptr(true), Employer: ptr("x"),
	}
	require.NoError(t, f.ChangeSelf(ctx, 1, patch))
	me, err := f.Self(ctx)
	require.NoError(t, err)
	require.Equal(t, "Casper", me.City)
	require.Equal(t, "maria@example.org", me.EmailAddress())
	require.False(t, me.DoNotContact)
	require.Empty(t, me.Employer)
	require.ErrorIs(t, f.ChangeSelf(ctx, 1, person.Patch{City: ptr("Cody")}), person.ErrChanged)
	require.Equal(t, 1, f.count(t, f.riverID, `SELECT count(*) FROM audit_events
		WHERE action = 'person.changed' AND subject_id = $1 AND actor_kind = 'supporter'`, p.ID))

	unchanged, err := f.Find(f.atRiver, other.ID)
	require.NoError(t, err)
	require.Equal(t, other, unchanged)
}

func TestPreferencesTakeEffectAtOnce(t *testing.T) {
	t.Parallel()
	f := start(t)
	ctx, p, _ := f.enter(t)
	require.NoError(t, f.Prefer(ctx, []person.Answer{
		{Channel: person.ChannelEmail, Granted: true, Wording: "You may write to me"}, {Channel: person.ChannelPost},
	}))
	record, err := f.Find(f.atRiver, p.ID)
	require.NoError(t, err)
	require.True(t, record.Consents.Allows(person.ChannelEmail))
	require.Equal(t, person.FromSupporterPage, record.Consents[person.ChannelEmail].Source)
	require.NotContains(t, record.Consents, person.ChannelPost, "what was no stays unsaid")

	f.clock.Advance(time.Second)
	require.NoError(t, f.Prefer(ctx, []person.Answer{{Channel: person.ChannelEmail}}))
	record, err = f.Find(f.atRiver, p.ID)
	require.NoError(t, err)
	require.False(t, record.Consents.Allows(person.ChannelEmail))
	require.Equal(t, 2, f.count(t, f.riverID, "SELECT count(*) FROM consents"))
}

func TestOnlySupportersHaveAPage(t *testing.T) {
	t.Parallel()
	f := start(t)
	for _, ctx := range []context.Context{t.Context(), f.atRiver} {
		_, err := f.Self(ctx)
		require.ErrorIs(t, err, person.ErrSessionOver)
		require.ErrorIs(t, f.ChangeSelf(ctx, 1, person.Patch{}), person.ErrSessionOver)
		require.ErrorIs(t, f.Prefer(ctx, nil), person.ErrSessionOver)
	}
}
