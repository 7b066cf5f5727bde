package people

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"tributary/app/platform/database"
	"tributary/app/platform/mail"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/message"
	"tributary/domain/person"
	"tributary/domain/promise"
)

// How many links may be asked for, so that nobody's mailbox is flooded.
const (
	linksPerAddress = 20 // of the network, per hour
	linksPerEmail   = 5  // of one person, per hour
)

// LinkRequest is somebody asking to be let in to the supporter page.
type LinkRequest struct {
	OrgSlug string
	Email   string
	IP      string
}

// RequestLink mails a link to the person with the address, if the organization knows one. The answer is the same when it does not: who
// gives to whom is not told to strangers.
func (s *Service) RequestLink(ctx context.Context, r LinkRequest) error {
	_, normalized, err := account.NormalizeEmail(r.Email)
	if err != nil {
		return err
	}
	if err := s.limiter.Allow(ctx, "supporter_link_address", r.IP, linksPerAddress, time.Hour); err != nil {
		return err
	}
	if err := s.limiter.Allow(ctx, "supporter_link_email", r.OrgSlug+"\n"+normalized, linksPerEmail, time.Hour); err != nil {
		return err
	}
	org, err := s.orgs.OrganizationBySlug(ctx, r.OrgSlug)
	if fault.KindOf(err) == fault.KindNotFound {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find organization: %w", err)
	}
	return s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		p, err := personByEmail(ctx, tx, normalized)
		if database.IsNoRows(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("find supporter: %w", err)
		}
		return s.mailLinkTx(ctx, tx, org, p)
	})
}

func (s *Service) mailLinkTx(ctx context.Context, tx database.Tx, org account.Organization, p person.Person) error {
	queueForgetting(tx, p.ID, s.now())
	link, secret := person.NewLink(p, s.now())
	if err := insertLink(ctx, tx, link); err != nil {
		return err
	}
	body, err := s.outbox.Render("supporter_link", mail.Sender{
		Name: org.Name, Color: org.BrandColor, Website: org.Website,
		Reason: "You get this mail because someone asked for a link to the supporter page with this address.",
	}, struct {
		Organization, Name, URL string
		Minutes                 int
	}{org.Name, p.FirstName, s.url + "/s/" + secret.String(), int(person.LinkLife.Minutes())})
	if err != nil {
		return err
	}
	return s.outbox.EnqueueTx(ctx, tx, message.Message{
		OrgID: p.OrgID, Kind: "supporter.link", DedupeKey: "supporter.link:" + hex.EncodeToString(link.TokenHash), PersonID: &p.ID.UUID,
		ToEmail: p.EmailAddress(), ToName: p.DisplayName(), FromName: org.Name, ReplyTo: org.Email,
		Subject: body.Subject, Text: body.Text, HTML: body.HTML, Secret: true,
	})
}

// CheckLink reports which organization a link leads to without using it up: programs that scan mail follow links. For a spent link of a
// known organization both the organization and person.ErrLinkSpent are returned, so that a new link can be offered.
func (s *Service) CheckLink(ctx context.Context, token string) (org account.Organization, err error) {
	secret, ok := person.ParseSecret(token)
	if !ok {
		return org, person.ErrLinkSpent
	}
	err = s.db.Read(ctx, database.Tenant(secret.OrgID()), func(r database.Reader) error {
		if org, err = findOrganization(ctx, r, secret.OrgID()); err != nil {
			return err
		}
		return checkLink(ctx, r, secret.Hash(), s.now())
	})
	return org, err
}

// Entry is a supporter let in.
type Entry struct {
	Organization account.Organization
	Token        string // for the cookie
	ExpiresAt    time.Time
}

// UseLink spends the link and opens a session. However many times it is called at once, one call gets in.
func (s *Service) UseLink(ctx context.Context, token string) (Entry, error) {
	secret, ok := person.ParseSecret(token)
	if !ok {
		return Entry{}, person.ErrLinkSpent
	}
	var entry Entry
	err := s.db.InTx(ctx, database.Tenant(secret.OrgID()), func(tx database.Tx) error {
		org, err := findOrganization(ctx, tx, secret.OrgID())
		if err != nil {
			return err
		}
		who, err := spendLink(ctx, tx, secret.Hash(), s.now())
		if err != nil {
			return err
		}
		entry, err = s.OpenSessionTx(ctx, tx, org, who)
		return err
	})
	return entry, err
}

// OpenSessionTx lets a supporter in within the caller's transaction, which has proof that whoever asks reads the person's mail: a link that
// it has just spent.
func (s *Service) OpenSessionTx(ctx context.Context, tx database.Tx, org account.Organization, who id.ID[person.Person]) (Entry, error) {
	session, cookie := person.NewSession(org.ID.UUID, who, s.now())
	if err := insertSession(ctx, tx, session); err != nil {
		return Entry{}, err
	}
	event := audit.Event{Action: "supporter.signed_in", SubjectType: "person", SubjectID: who.UUID}
	if err := s.audit.RecordTx(actor.With(ctx, supporter(ctx, session)), tx, event); err != nil {
		return Entry{}, err
	}
	return Entry{Organization: org, Token: cookie.String(), ExpiresAt: session.ExpiresAt}, nil
}

// AuthenticateSupporter says whose session a supporter's cookie is, and what its forms must repeat.
func (s *Service) AuthenticateSupporter(ctx context.Context, cookie string) (who actor.Actor, csrfToken string, err error) {
	secret, ok := person.ParseSecret(cookie)
	if !ok {
		return actor.Nobody, "", person.ErrSessionOver
	}
	var session person.Session
	err = s.db.Read(ctx, database.Tenant(secret.OrgID()), func(r database.Reader) error {
		session, err = liveSession(ctx, r, secret.Hash(), s.now())
		return err
	})
	if err != nil {
		return actor.Nobody, "", err
	}
	return supporter(ctx, session), session.CSRFToken, nil
}

// EndSession ends one session, known by its cookie. An unknown one is no error.
func (s *Service) EndSession(ctx context.Context, cookie string) error {
	secret, ok := person.ParseSecret(cookie)
	if !ok {
		return nil
	}
	return s.db.InTx(ctx, database.Tenant(secret.OrgID()), func(tx database.Tx) error {
		return deleteSession(ctx, tx, secret.Hash())
	})
}

// Supporter is what a supporter sees of themselves.
type Supporter struct {
	Record
	Gifts    []person.Gift
	Promises []promise.Kept
}

// Self is the supporter page's content for the supporter who asks.
func (s *Service) Self(ctx context.Context) (Supporter, error) {
	who, err := self(ctx)
	if err != nil {
		return Supporter{}, err
	}
	record, err := s.Find(ctx, who)
	if err != nil {
		return Supporter{}, err
	}
	gifts, err := s.gifts.GiftsOf(ctx, record.OrgID, who)
	if err != nil {
		return Supporter{}, fmt.Errorf("read gifts: %w", err)
	}
	promises, err := s.promises.KeptBy(ctx, record.OrgID, who)
	if err != nil {
		return Supporter{}, fmt.Errorf("read promises: %w", err)
	}
	return Supporter{Record: record, Gifts: gifts, Promises: promises}, nil
}

// ChangeSelf applies the supporter's own change of contact details. The e-mail address is what lets them in; only staff change it.
func (s *Service) ChangeSelf(ctx context.Context, version int, patch person.Patch) error {
	who, err := self(ctx)
	if err != nil {
		return err
	}
	patch.Email, patch.Employer, patch.DoNotContact = nil, nil, nil
	_, err = s.Change(ctx, who, version, patch)
	return err
}

// Prefer records the supporter's answers by channel; those that say what stands already are not repeated. They count at once.
func (s *Service) Prefer(ctx context.Context, answers []person.Answer) error {
	who, err := self(ctx)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, tenant(ctx), func(tx database.Tx) error {
		p, err := lockPerson(ctx, tx, who)
		if err != nil {
			return err
		}
		standing, err := consentsOf(ctx, tx, who)
		if err != nil {
			return err
		}
		for _, answer := range answers {
			if answer.Granted == standing.Allows(answer.Channel) {
				continue
			}
			answer.Source = person.FromSupporterPage
			if err := s.RecordConsentTx(ctx, tx, p, answer); err != nil {
				return err
			}
		}
		return nil
	})
}

var errNotSupporter = errors.New("the actor is not a supporter")

func self(ctx context.Context) (id.ID[person.Person], error) {
	a := actor.From(ctx)
	if a.Kind != actor.KindSupporter {
		return id.ID[person.Person]{}, fmt.Errorf("%w: %w", person.ErrSessionOver, errNotSupporter)
	}
	return id.From[person.Person](a.ID), nil
}

func supporter(ctx context.Context, s person.Session) actor.Actor {
	return actor.Actor{Kind: actor.KindSupporter, ID: s.PersonID.UUID, OrgID: s.OrgID, RequestID: actor.From(ctx).RequestID}
}
