package volunteering

import (
	"context"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// ErrKind means that the organization has no such sort of credential.
var ErrKind = fault.NotFound("credential_kind")

// errArchived refuses new credentials of a kind that is no longer used.
var errArchived = fault.Invalid("kind_id", "credential_kind.archived", "This sort of credential is no longer used. Choose another one.")

// mostClaims is how many credentials somebody may say they have before staff have looked at one.
const mostClaims = 5

var errTooManyClaims = fault.New(fault.KindConflict, "credential.too_many_claims", "We have yet to look at what you sent us. Please write to the contact.")

// KindFilter narrows the list of credential kinds. After is the name at which the previous page ended.
type KindFilter struct {
	Archived bool // those too
	After    string
	Limit    int
}

// CredentialKinds returns up to Limit credential kinds of the actor's organization in order of their names, and whether there are more.
func (s *Service) CredentialKinds(ctx context.Context, f KindFilter) (kinds []volunteer.CredentialKind, more bool, err error) {
	err = s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) error {
		kinds, err = listKinds(ctx, r, f)
		return err
	})
	if more = len(kinds) > f.Limit; more {
		kinds = kinds[:f.Limit]
	}
	return kinds, more, err
}

// KindDetails is what staff say of a sort of credential.
type KindDetails struct {
	Name        string
	Description string
	ValidMonths int
}

// CreateCredentialKind adds a sort of credential that opportunities can ask for.
func (s *Service) CreateCredentialKind(ctx context.Context, d KindDetails) (volunteer.CredentialKind, error) {
	k, err := volunteer.NewCredentialKind(actor.From(ctx).OrgID, d.Name, d.Description, d.ValidMonths, s.now())
	if err != nil {
		return volunteer.CredentialKind{}, err
	}
	err = s.db.InTx(ctx, database.Tenant(k.OrgID), func(tx database.Tx) error {
		if err := insertKind(ctx, tx, k); err != nil {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{
			Action: "credential_kind.created", SubjectType: "credential_kind", SubjectID: k.ID.UUID, After: kindFields(k),
		})
	})
	return k, err
}

// KindPatch names what to change about a sort of credential; nil leaves it.
type KindPatch struct {
	Name        *string
	Description *string
	ValidMonths *int
	Archived    *bool
}

// ReviseCredentialKind changes a sort of credential. Opportunities go on asking for an archived one; nobody chooses it anew.
func (s *Service) ReviseCredentialKind(ctx context.Context, of id.ID[volunteer.CredentialKind], patch KindPatch) (k volunteer.CredentialKind, err error) {
	err = s.db.InTx(ctx, database.Tenant(actor.From(ctx).OrgID), func(tx database.Tx) error {
		before, err := lockKind(ctx, tx, of)
		if err != nil {
			return err
		}
		k = before
		choose(&k.Name, patch.Name)
		choose(&k.Description, patch.Description)
		choose(&k.ValidMonths, patch.ValidMonths)
		choose(&k.Archived, patch.Archived)
		checked, err := volunteer.NewCredentialKind(k.OrgID, k.Name, k.Description, k.ValidMonths, s.now())
		if err != nil {
			return err
		}
		k.Name, k.Description, k.ValidMonths, k.UpdatedAt = checked.Name, checked.Description, checked.ValidMonths, checked.UpdatedAt
		if err := updateKind(ctx, tx, k); err != nil {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{
			Action: "credential_kind.changed", SubjectType: "credential_kind", SubjectID: k.ID.UUID, Before: kindFields(before), After: kindFields(k),
		})
	})
	return k, err
}

func choose[T any](to, value *T) {
	if value != nil {
		*to = *value
	}
}

func kindFields(k volunteer.CredentialKind) map[string]any {
	return map[string]any{"name": k.Name, "description": k.Description, "valid_months": k.ValidMonths, "archived": k.Archived}
}

// CredentialInput is a credential as staff enter it.
type CredentialInput struct {
	KindID    id.ID[volunteer.CredentialKind]
	Details   volunteer.CredentialDetails
	Confirmed bool // they have seen it

	claimed bool // by the person
}

// AddCredential records what a person has to show.
func (s *Service) AddCredential(ctx context.Context, who uuid.UUID, in CredentialInput) (Held, error) {
	return s.addCredential(ctx, who, in)
}

// ClaimCredential records what the supporter who asks says they have. It counts once staff have seen it.
func (s *Service) ClaimCredential(ctx context.Context, kind id.ID[volunteer.CredentialKind], d volunteer.CredentialDetails) (Held, error) {
	who, err := volunteerSelf(ctx)
	if err != nil {
		return Held{}, err
	}
	return s.addCredential(ctx, who, CredentialInput{KindID: kind, Details: d, claimed: true})
}

func (s *Service) addCredential(ctx context.Context, who uuid.UUID, in CredentialInput) (added Held, err error) {
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return Held{}, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		if _, err := s.lockProfile(ctx, tx, org.ID.UUID, who); err != nil {
			return err
		}
		k, err := lockKind(ctx, tx, in.KindID)
		if err != nil {
			return err
		}
		if k.Archived {
			return errArchived
		}
		c, err := volunteer.NewCredential(k, who, in.Details, s.now())
		if err != nil {
			return err
		}
		if in.claimed {
			if err := fewClaims(ctx, tx, who); err != nil {
				return err
			}
		}
		if in.Confirmed {
			c.Confirm(actor.From(ctx).Login(), s.now())
		}
		if err := insertCredential(ctx, tx, c); err != nil {
			return err
		}
		added = s.held(org, c, k.Name)
		return s.recordCredentialTx(ctx, tx, "credential.added", added)
	})
	return added, err
}

// ConfirmCredential notes that staff have seen a credential. Doing so again changes nothing.
func (s *Service) ConfirmCredential(ctx context.Context, of id.ID[volunteer.Credential]) (Held, error) {
	return s.onCredential(ctx, of, func(tx database.Tx, h *Held) error {
		if h.Confirmed {
			return nil
		}
		h.Confirm(actor.From(ctx).Login(), s.now())
		if err := updateCredential(ctx, tx, h.Credential); err != nil {
			return err
		}
		return s.recordCredentialTx(ctx, tx, "credential.confirmed", *h)
	})
}

// RemoveCredential takes a credential away, such as one entered by mistake.
func (s *Service) RemoveCredential(ctx context.Context, of id.ID[volunteer.Credential]) error {
	_, err := s.onCredential(ctx, of, func(tx database.Tx, h *Held) error {
		if err := deleteCredential(ctx, tx, of); err != nil {
			return err
		}
		return s.recordCredentialTx(ctx, tx, "credential.removed", *h)
	})
	return err
}

func (s *Service) onCredential(ctx context.Context, of id.ID[volunteer.Credential], do func(database.Tx, *Held) error) (h Held, err error) {
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return Held{}, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		c, name, err := lockCredential(ctx, tx, of)
		if err != nil {
			return err
		}
		h = s.held(org, c, name)
		if err := do(tx, &h); err != nil {
			return err
		}
		h = s.held(org, h.Credential, name)
		return nil
	})
	return h, err
}

func (s *Service) held(org account.Organization, c volunteer.Credential, kind string) Held {
	return Held{Credential: c, KindName: kind, Standing: volunteer.Standing([]volunteer.Credential{c}, c.KindID, s.asOf(org).today)}
}

func (s *Service) recordCredentialTx(ctx context.Context, tx database.Tx, action string, h Held) error {
	return s.audit.RecordTx(ctx, tx, audit.Event{Action: action, SubjectType: "person", SubjectID: h.PersonID, After: map[string]any{
		"credential_id": h.ID, "kind": h.KindName, "issued_on": h.IssuedOn, "expires_on": h.ExpiresOn, "confirmed": h.Confirmed,
	}})
}
