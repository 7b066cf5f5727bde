package volunteering_test

import (
	"context"
	"regexp"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/account"
	"tributary/domain/fault"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// offering is what somebody writes who would like to drive on Monday mornings.
func offering(email string) volunteering.HelpInput {
	return volunteering.HelpInput{
		OrgSlug: "riverbend", FirstName: "Ada", LastName: "Hale", Email: email, Phone: "555 0199", IP: "192.0.2.1",
		Details: volunteer.HelpDetails{
			Skills: []string{"Driving"}, Interests: []string{"Trees"}, Availability: volunteer.AvailableOn(time.Monday, volunteer.Morning), Message: "I have a van.",
		},
	}
}

var helpLink = regexp.MustCompile(`https://give\.example\.org/volunteer/riverbend/interest/(\w+)`)

// helpSecret is that of the newest link mailed to an address.
func (w *world) helpSecret(to string) string {
	w.t.Helper()
	found := helpLink.FindStringSubmatch(w.lastMail(to).Text)
	require.Len(w.t, found, 2)
	return found[1]
}

// offerHelp offers and confirms.
func (w *world) offerHelp(in volunteering.HelpInput) volunteering.HelpConfirmed {
	w.t.Helper()
	_, err := w.volunteering.OfferHelp(w.t.Context(), in)
	require.NoError(w.t, err)
	done, err := w.volunteering.ConfirmHelp(w.t.Context(), "riverbend", w.helpSecret(in.Email))
	require.NoError(w.t, err)
	return done
}

func (w *world) helpOffers(ctx context.Context, status volunteer.HelpStatus) []volunteering.HelpLine {
	w.t.Helper()
	lines, _, err := w.volunteering.HelpOffers(ctx, volunteering.HelpFilter{Status: status, Limit: 50})
	require.NoError(w.t, err)
	return lines
}

func TestAnOfferOfHelpIsOfNobodyUntilTheMailIsConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.volunteering.OfferHelp(t.Context(), offering("ada@example.org"))
	require.NoError(t, err)
	require.Zero(t, w.count("select count(*) from people"))
	require.Empty(t, w.helpOffers(w.owner, ""), "staff see it once it is confirmed")
	require.Equal(t, []string{"help.request"}, w.mailed("ada@example.org"))
	w.whole(w.lastMail("ada@example.org"))

	secret := w.helpSecret("ada@example.org")
	for range 3 { // a mail scanner looks
		check, err := w.volunteering.CheckHelp(t.Context(), "riverbend", secret)
		require.NoError(t, err)
		require.Nil(t, check.Offer.ConfirmedAt)
	}
	done, err := w.volunteering.ConfirmHelp(t.Context(), "riverbend", secret)
	require.NoError(t, err)
	require.Equal(t, "Ada Hale", done.Person.DisplayName())
	require.Equal(t, "555 0199", done.Person.Phone)
	who, _, err := w.people.AuthenticateSupporter(t.Context(), done.Entry.Token)
	require.NoError(t, err)
	require.Equal(t, done.Person.ID.UUID, who.ID)
	v, err := w.volunteering.FindVolunteer(w.owner, done.Person.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, volunteer.Prospective, v.Profile.Status)
	require.Equal(t, volunteer.Words{"driving"}, v.Profile.Skills)
	require.Equal(t, volunteer.Words{"trees"}, v.Profile.Interests)
	require.Equal(t, volunteer.AvailableOn(time.Monday, volunteer.Morning), v.Profile.Availability)
	require.Equal(t, []string{"help.offered"}, w.audited(done.Offer.ID.UUID))

	lines := w.helpOffers(w.owner, volunteer.HelpOpen)
	require.Len(t, lines, 1)
	require.Equal(t, "I have a van.", lines[0].Message)
	require.Equal(t, done.Person.ID.UUID, *lines[0].PersonID)

	again, err := w.volunteering.ConfirmHelp(t.Context(), "riverbend", secret)
	require.NoError(t, err)
	require.Equal(t, done.Person.ID, again.Person.ID)
	require.NotEmpty(t, again.Entry.Token, "the answer to the first press may have been lost")
	w.clock.Advance(person.LinkLife)
	again, err = w.volunteering.ConfirmHelp(t.Context(), "riverbend", secret)
	require.NoError(t, err)
	require.Empty(t, again.Entry.Token, "an old mail signs nobody in")
	require.Equal(t, 1, w.count("select count(*) from people"))
	require.Equal(t, 1, w.count("select count(*) from offers_of_help"))
	v, err = w.volunteering.FindVolunteer(w.owner, done.Person.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, 2, v.Profile.Version, "made, and taught once")

	w.clock.Advance(volunteer.HelpLife)
	_, err = w.volunteering.ConfirmHelp(t.Context(), "riverbend", secret)
	require.ErrorIs(t, err, volunteer.ErrLinkSpent)
	_, err = w.volunteering.CheckHelp(t.Context(), "riverbend", "nonsense")
	require.ErrorIs(t, err, volunteer.ErrLinkSpent)
}

func TestAnOfferOfHelpAddsToWhatIsKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	known := w.person("Grace", "Hopper", "Grace@Example.org")
	skills, interests, free := []string{"welding"}, []string{"ships"}, volunteer.AvailableOn(time.Sunday, volunteer.Night)
	active := volunteer.Active
	_, err := w.volunteering.PatchVolunteer(w.owner, known.ID.UUID, 0, volunteer.ProfilePatch{Status: &active, Skills: &skills, Interests: &interests, Availability: &free})
	require.NoError(t, err)

	done := w.offerHelp(offering("grace@example.org"))
	require.Equal(t, known.ID, done.Person.ID)
	require.Equal(t, "Grace Hopper", done.Person.DisplayName(), "a name is never overwritten")
	v, err := w.volunteering.FindVolunteer(w.owner, known.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, volunteer.Active, v.Profile.Status)
	require.Equal(t, volunteer.Words{"driving", "welding"}, v.Profile.Skills)
	require.Equal(t, volunteer.Words{"ships", "trees"}, v.Profile.Interests)
	require.Equal(t, free|volunteer.AvailableOn(time.Monday, volunteer.Morning), v.Profile.Availability)
	line := w.helpOffers(w.owner, "")[0]
	require.Equal(t, "Grace", line.KnownFirst)
	require.Equal(t, "Ada", line.FirstName, "staff see what was typed as well")
	require.Contains(t, w.audited(known.ID.UUID), "volunteer.changed")

	w.offerHelp(offering("grace@example.org"))
	require.Len(t, w.helpOffers(w.owner, ""), 2, "who offers again has more to say")
	require.Equal(t, 1, w.count("select count(*) from audit_events where action = 'volunteer.changed' and before <> after and actor_kind = 'supporter'"), "nothing was new")
}

func TestASupporterOffersHelpWithoutAMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.person("Ada", "Lovelace", "ada@example.org")
	o, err := w.volunteering.OfferHelpSelf(w.self(ada), offering(""))
	require.NoError(t, err)
	require.Equal(t, volunteer.HelpOpen, o.Status)
	require.Empty(t, w.mailed("ada@example.org"))
	require.Equal(t, ada.ID.UUID, *w.helpOffers(w.owner, volunteer.HelpOpen)[0].PersonID)
	_, err = w.volunteering.OfferHelpSelf(w.owner, offering(""))
	require.ErrorIs(t, err, person.ErrSessionOver)
}

func TestUnconfirmedOffersOfHelpAreForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.volunteering.OfferHelp(t.Context(), offering("ada@example.org"))
	require.NoError(t, err)
	kept := w.offerHelp(offering("ben@example.org"))
	w.clock.Advance(volunteer.HelpLife - time.Minute)
	require.NoError(t, w.volunteering.KeepOf(t.Context(), w.org.ID.UUID))
	require.Equal(t, 2, w.count("select count(*) from offers_of_help"))
	w.clock.Advance(time.Minute)
	require.NoError(t, w.volunteering.KeepOf(t.Context(), w.org.ID.UUID))
	require.NoError(t, w.volunteering.KeepOf(t.Context(), w.org.ID.UUID))
	require.Equal(t, 1, w.count("select count(*) from offers_of_help"))
	require.Equal(t, kept.Offer.ID, w.helpOffers(w.owner, "")[0].ID)
}

func TestOffersOfHelpAreAnsweredOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.offerHelp(offering("ada@example.org"))
	w.clock.Advance(time.Minute)
	second := w.offerHelp(offering("ben@example.org"))
	lines, more, err := w.volunteering.HelpOffers(w.owner, volunteering.HelpFilter{Limit: 1})
	require.NoError(t, err)
	require.True(t, more)
	require.Equal(t, second.Offer.ID, lines[0].ID, "the newest first")
	lines, more, err = w.volunteering.HelpOffers(w.owner, volunteering.HelpFilter{Limit: 1, Before: *lines[0].ConfirmedAt, BeforeID: lines[0].ID})
	require.NoError(t, err)
	require.False(t, more)
	require.Equal(t, first.Offer.ID, lines[0].ID)

	require.NoError(t, w.volunteering.AnswerHelp(w.owner, first.Offer.ID, true))
	answered := w.helpOffers(w.owner, volunteer.HelpAnswered)
	require.Len(t, answered, 1)
	require.Equal(t, w.now(), answered[0].AnsweredAt.UTC())
	w.clock.Advance(time.Minute)
	require.NoError(t, w.volunteering.AnswerHelp(w.as(account.VolunteerCoordinator), first.Offer.ID, true))
	require.Equal(t, answered[0].AnsweredBy, w.helpOffers(w.owner, volunteer.HelpAnswered)[0].AnsweredBy, "the first answer stays")
	require.NoError(t, w.volunteering.AnswerHelp(w.owner, first.Offer.ID, false))
	require.NoError(t, w.volunteering.AnswerHelp(w.owner, first.Offer.ID, false))
	require.Len(t, w.helpOffers(w.owner, volunteer.HelpOpen), 2)
	require.Equal(t, []string{"help.offered", "help.answered", "help.reopened"}, w.audited(first.Offer.ID.UUID))

	_, err = w.volunteering.OfferHelp(t.Context(), offering("eve@example.org"))
	require.NoError(t, err)
	var unconfirmed volunteer.HelpOffer
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(t.Context()).Where("status = 'unconfirmed'").Take(&unconfirmed).Error
	})
	require.ErrorIs(t, w.volunteering.AnswerHelp(w.owner, unconfirmed.ID, true), volunteer.ErrHelpOffer)
}

func TestErasingAPersonEmptiesTheirOffersOfHelp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	answered := w.offerHelp(offering("ada@example.org"))
	ada := answered.Person
	require.NoError(t, w.volunteering.AnswerHelp(w.owner, answered.Offer.ID, true))
	secret := w.helpSecret("ada@example.org")
	w.offerHelp(offering("ada@example.org"))
	_, err := w.volunteering.OfferHelp(t.Context(), offering("ADA@example.org"))
	require.NoError(t, err)
	ben := w.offerHelp(offering("ben@example.org"))

	w.erase(ada)

	left := w.helpOffers(w.owner, "")
	require.Len(t, left, 2)
	require.Equal(t, ben.Offer.ID, left[0].ID)
	require.Equal(t, "I have a van.", left[0].Message)
	require.Equal(t, answered.Offer.ID, left[1].ID, "that somebody was answered stays, and nothing of what they wrote")
	require.Zero(t, w.count(`select count(*) from offers_of_help where id <> $1 and (first_name || last_name || email || email_normalized || phone || message <> ''
		or skills <> '{}' or interests <> '{}' or availability <> 0 or token_hash is not null)`, ben.Offer.ID))
	_, err = w.volunteering.ConfirmHelp(t.Context(), "riverbend", secret)
	require.ErrorIs(t, err, volunteer.ErrLinkSpent)
}

func TestOffersOfHelpAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.volunteering.LimitBy(turnstile{})
	tries := 0
	var err error
	for ; tries < 100 && fault.KindOf(err) != fault.KindRateLimited; tries++ {
		_, err = w.volunteering.OfferHelp(t.Context(), offering("ada@example.org"))
	}
	require.Equal(t, 6, tries, "per e-mail")
	require.Len(t, w.mails("ada@example.org"), 5)
	for tries = 0; tries < 100 && (tries == 0 || fault.KindOf(err) != fault.KindRateLimited); tries++ {
		_, err = w.volunteering.OfferHelp(t.Context(), offering(uuid.NewString()+"@example.org"))
	}
	require.Equal(t, 15, tries, "per address of the network")
}
