package volunteering

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/google/uuid"

	"tributary/app/people"
	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// How many offers of help may be made within an hour: each sends a mail, or adds to what staff have to read.
const (
	helpPerAddress = 20 // of the network
	helpPerPerson  = 5  // of the e-mail address, or of the supporter
)

// HelpInput is somebody offering help without choosing a shift.
type HelpInput struct {
	OrgSlug                           string
	FirstName, LastName, Email, Phone string // not asked of a supporter who is signed in
	Details                           volunteer.HelpDetails
	IP                                string
}

// OfferHelp keeps an offer of help and mails the link that confirms it. It says the same whoever the address belongs to, and nobody's record is
// made or found before the mail is confirmed.
func (s *Service) OfferHelp(ctx context.Context, in HelpInput) (o volunteer.HelpOffer, err error) {
	if o, err = in.offer(s.now()); err != nil {
		return o, err
	}
	if err := s.limitHelp(ctx, in.IP, in.OrgSlug+"\n"+o.EmailNormalized); err != nil {
		return o, err
	}
	org, err := s.nonprofitBySlug(ctx, in.OrgSlug)
	if err != nil {
		return o, err
	}
	secret := rand.Text()
	o.OrgID, o.TokenHash = org.ID.UUID, secretHash(secret)
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		if err := insertHelp(ctx, tx, o); err != nil {
			return err
		}
		return s.mailTx(ctx, tx, org, letter{
			// It calls nobody by the name that was typed: anybody can type anything together with anybody's address.
			template: "help_request", key: o.ID.String(), to: recipient{Email: o.Email}, secret: true,
			why:  "You get this mail because somebody entered this address to offer help to " + org.Name + ".",
			view: mailView{ActURL: s.helpURL(org, secret)},
		})
	})
	return o, err
}

func (s *Service) limitHelp(ctx context.Context, ip, who string) error {
	if err := s.limiter.Allow(ctx, "volunteer_help_address", ip, helpPerAddress, time.Hour); err != nil {
		return err
	}
	return s.limiter.Allow(ctx, "volunteer_help_person", who, helpPerPerson, time.Hour)
}

// offer is the input as it is kept, checked as the person will be.
func (in HelpInput) offer(at time.Time) (volunteer.HelpOffer, error) {
	o, errDetails := volunteer.NewHelpOffer(uuid.Nil, in.Details, at)
	email, normalized, errEmail := account.NormalizeEmail(in.Email)
	p, errPerson := person.New(uuid.Nil, person.Details{FirstName: in.FirstName, LastName: in.LastName, Email: "a@example.org", Phone: in.Phone}, at)
	var errName error
	if errPerson == nil && p.FirstName == "" {
		errName = fault.Invalid("first_name", "person.first_name_missing", "Write your first name.")
	}
	o.FirstName, o.LastName, o.Email, o.EmailNormalized, o.Phone = p.FirstName, p.LastName, email, normalized, p.Phone
	return o, fault.Join(errPerson, errName, errEmail, errDetails)
}

// OfferHelpSelf takes in an offer of help of the supporter who is signed in: it needs no mail.
func (s *Service) OfferHelpSelf(ctx context.Context, in HelpInput) (o volunteer.HelpOffer, err error) {
	who, err := volunteerSelf(ctx)
	if err != nil {
		return o, err
	}
	org := actor.From(ctx).OrgID
	offered, err := volunteer.NewHelpOffer(org, in.Details, s.now())
	if err != nil {
		return o, err
	}
	if err := s.limitHelp(ctx, in.IP, who.String()); err != nil {
		return o, err
	}
	err = s.db.InTx(ctx, database.Tenant(org), func(tx database.Tx) error {
		o = offered
		if err := s.takeHelpTx(ctx, tx, &o, who); err != nil {
			return err
		}
		return insertHelp(ctx, tx, o)
	})
	return o, err
}

// takeHelpTx makes an offer that of a person, whose profile learns from it.
func (s *Service) takeHelpTx(ctx context.Context, tx database.Tx, o *volunteer.HelpOffer, who uuid.UUID) error {
	now := s.now()
	locked, err := lockVolunteers(ctx, tx, o.OrgID, []uuid.UUID{who}, now)
	if err != nil {
		return err
	}
	if err := livingPerson(ctx, tx, who); err != nil { // under the lock that erasing takes, too
		return err
	}
	profile := locked[who]
	if before := profile; profile.Learn(*o, now) {
		if err := saveProfile(ctx, tx, profile); err != nil {
			return err
		}
		was, is := profileDiffers(before, profile)
		if err := s.audit.RecordTx(ctx, tx, audit.Event{Action: "volunteer.changed", SubjectType: "person", SubjectID: who, Before: was, After: is}); err != nil {
			return err
		}
	}
	o.Confirm(who, now)
	return s.audit.RecordTx(ctx, tx, audit.Event{Action: "help.offered", SubjectType: "help_offer", SubjectID: o.ID.UUID})
}

// HelpCheck is what a mailed link would confirm.
type HelpCheck struct {
	Organization account.Organization
	Offer        volunteer.HelpOffer // ConfirmedAt: it was done already
}

// CheckHelp is what a link would confirm. Looking uses nothing up. A link that no longer works is volunteer.ErrLinkSpent.
func (s *Service) CheckHelp(ctx context.Context, orgSlug, secret string) (check HelpCheck, err error) {
	if check.Organization, err = s.nonprofitBySlug(ctx, orgSlug); err != nil {
		return check, err
	}
	err = s.db.Read(ctx, database.Tenant(check.Organization.ID.UUID), func(r database.Reader) error {
		check.Offer, err = helpBySecret(ctx, r, secretHash(secret), s.now())
		return err
	})
	return check, err
}

// HelpConfirmed is what became of an offer of help whose mail was confirmed.
type HelpConfirmed struct {
	Organization account.Organization
	Person       person.Person
	Offer        volunteer.HelpOffer
	Entry        people.Entry // lets the browser in; without a token when the link was used too long ago for that
}

// ConfirmHelp makes an offer of help that of a person, who is found by the address or made, and lets the person in. Whoever presses the button
// again, or in another browser, gets the same.
func (s *Service) ConfirmHelp(ctx context.Context, orgSlug, secret string) (done HelpConfirmed, err error) {
	org, err := s.nonprofitBySlug(ctx, orgSlug)
	if err != nil {
		return done, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) (err error) {
		done = HelpConfirmed{Organization: org}
		if done.Offer, err = lockHelpBySecret(ctx, tx, secretHash(secret), s.now()); err != nil {
			return err
		}
		if done.Offer.ConfirmedAt == nil {
			return s.confirmHelpTx(ctx, tx, &done)
		}
		if done.Person, err = personOf(ctx, tx, *done.Offer.PersonID); err != nil {
			return err
		}
		if s.now().Sub(*done.Offer.ConfirmedAt) < person.LinkLife {
			done.Entry, err = s.people.OpenSessionTx(ctx, tx, org, done.Person.ID)
		}
		return err
	})
	return done, err
}

func (s *Service) confirmHelpTx(ctx context.Context, tx database.Tx, done *HelpConfirmed) (err error) {
	o := &done.Offer
	done.Person, err = s.people.FindOrCreateTx(ctx, tx, o.OrgID, person.Details{FirstName: o.FirstName, LastName: o.LastName, Email: o.Email, Phone: o.Phone})
	if err != nil {
		return err
	}
	ctx = asVolunteer(ctx, done.Organization, done.Person.ID.UUID)
	if err := s.takeHelpTx(ctx, tx, o, done.Person.ID.UUID); err != nil {
		return err
	}
	if err := saveHelp(ctx, tx, *o); err != nil {
		return err
	}
	if err := s.outbox.BelongTx(ctx, tx, helpMails(o.ID.UUID), done.Person.ID.UUID); err != nil {
		return err
	}
	done.Entry, err = s.people.OpenSessionTx(ctx, tx, done.Organization, done.Person.ID)
	return err
}

// HelpFilter narrows the list of offers of help; zero values narrow nothing. Before and BeforeID are where the previous page ended.
type HelpFilter struct {
	Status   volunteer.HelpStatus // open or answered
	Before   time.Time
	BeforeID id.ID[volunteer.HelpOffer]
	Limit    int
}

// HelpOffers returns up to Limit confirmed offers of help to the actor's organization, the newest first, and whether there are more.
func (s *Service) HelpOffers(ctx context.Context, f HelpFilter) (lines []HelpLine, more bool, err error) {
	err = s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) error {
		lines, err = listHelp(ctx, r, f)
		return err
	})
	if more = len(lines) > f.Limit; more {
		lines = lines[:f.Limit]
	}
	return lines, more, err
}

// AnswerHelp notes that whoever asks answered an offer of help, or takes the note back. Doing so twice is the same.
func (s *Service) AnswerHelp(ctx context.Context, of id.ID[volunteer.HelpOffer], answered bool) error {
	who := actor.From(ctx)
	return s.db.InTx(ctx, database.Tenant(who.OrgID), func(tx database.Tx) error {
		o, err := lockHelp(ctx, tx, of)
		if err != nil {
			return err
		}
		was := o.Status
		changed, action := false, "help.reopened"
		if answered {
			changed, action = o.Answer(who.Login(), s.now()), "help.answered"
		} else {
			changed = o.Reopen()
		}
		if !changed {
			return nil
		}
		if err := saveHelp(ctx, tx, o); err != nil {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{
			Action: action, SubjectType: "help_offer", SubjectID: of.UUID, Before: map[string]any{"status": was}, After: map[string]any{"status": o.Status},
		})
	})
}

const helpAtOnce = 500

// deleteHelp removes offers of help that nobody confirmed in time, and the mails that asked: names and addresses of people who may never have offered anything.
func (s *Service) deleteHelp(ctx context.Context, orgID uuid.UUID) error {
	for {
		deleted := 0
		err := s.db.InTx(ctx, database.Tenant(orgID), func(tx database.Tx) (err error) {
			late, err := deleteUnconfirmedHelp(ctx, tx, s.now(), helpAtOnce)
			if err != nil {
				return err
			}
			deleted = len(late)
			return s.outbox.ForgetTx(ctx, tx, helpMails(late...))
		})
		if err != nil || deleted < helpAtOnce {
			return err
		}
	}
}
