package causes

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/cause"
	"tributary/domain/fault"
	"tributary/domain/text"
)

// RegistryPage says which part of the registry to read: entries after the last one shown, by name.
type RegistryPage struct {
	Search string // words of the name, or the first digits of the EIN
	After  RegistryPosition
	Limit  int
}

// RegistryPosition is an entry's place in the list. The zero value is the start.
type RegistryPosition struct {
	Name string
	EIN  cause.EIN
}

// RegistryHit is an entry that was looked for, and whether an organization has claimed it.
type RegistryHit struct {
	cause.RegistryEntry
	Claimed bool
}

// SearchRegistry finds entries by name or EIN, up to Limit, and whether there are more. The registry is public; all organizations see the
// same.
func (s *Service) SearchRegistry(ctx context.Context, p RegistryPage) (hits []RegistryHit, more bool, err error) {
	query, err := parseRegistrySearch(p.Search)
	if err != nil {
		return nil, false, err
	}
	err = s.db.ReadReplica(ctx, database.Platform(), func(r database.Reader) error {
		hits, err = searchRegistry(ctx, r, query, p)
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("search registry: %w", err)
	}
	if len(hits) > p.Limit {
		return hits[:p.Limit], true, nil
	}
	return hits, false, nil
}

// registryQuery is what a search asks for: digits of an EIN, or else words of a name.
type registryQuery struct {
	digits string
	words  []string
}

func parseRegistrySearch(search string) (registryQuery, error) {
	search, err := text.Line("search", search, 100)
	if err != nil {
		return registryQuery{}, err
	}
	if digits := strings.ReplaceAll(search, "-", ""); digits != "" && len(digits) <= 9 && strings.Trim(digits, "0123456789") == "" {
		if len(digits) >= 2 {
			return registryQuery{digits: digits}, nil
		}
	}
	words := strings.Fields(search)
	switch {
	case utf8.RuneCountInString(search) < 2:
		return registryQuery{}, fault.Invalid("search", "search.too_short", "Type at least two characters of the name or digits of the EIN.")
	case len(words) > 8:
		return registryQuery{}, fault.Invalid("search", "search.too_many_words", "Search for at most eight words at once.")
	}
	return registryQuery{words: words}, nil
}

// Claim is the entry an organization has proved to be its own.
type Claim struct {
	cause.RegistryEntry
	VerifiedAt time.Time
}

// Claimed returns the claim of the actor's organization, or cause.ErrNoClaim.
func (s *Service) Claimed(ctx context.Context) (claim Claim, err error) {
	err = s.db.Read(ctx, tenant(ctx), func(r database.Reader) error {
		c, err := readClaimant(ctx, r, actor.From(ctx).OrgID, "")
		if err != nil {
			return err
		}
		if c.EIN == "" || c.VerifiedAt == nil {
			return cause.ErrNoClaim
		}
		entry, err := findEntry(ctx, r, c.EIN, "")
		claim = Claim{RegistryEntry: entry, VerifiedAt: *c.VerifiedAt}
		return err
	})
	return claim, err
}

// ClaimEntry makes the entry the organization's own: from now on its legal name and EIN stand on public pages and receipts. An entry
// belongs to one organization; who claims another one lets go of the first. Whether gifts are deductible is told, not judged.
func (s *Service) ClaimEntry(ctx context.Context, ein cause.EIN) (claim Claim, err error) {
	err = s.db.InTx(ctx, tenant(ctx), func(tx database.Tx) error {
		before, err := readClaimant(ctx, tx, actor.From(ctx).OrgID, "NO KEY UPDATE")
		if err != nil {
			return err
		}
		if before.Kind != account.Nonprofit {
			return cause.ErrNotNonprofit
		}
		entry, err := findEntry(ctx, tx, ein, "SHARE")
		if err != nil {
			return err
		}
		if before.EIN == ein && before.VerifiedAt != nil {
			claim = Claim{RegistryEntry: entry, VerifiedAt: *before.VerifiedAt}
			return nil
		}
		if entry.RemovedAt != nil {
			return cause.ErrEntryRemoved
		}
		now := s.now()
		if err := claimEntry(ctx, tx, before.ID, entry, now); err != nil {
			return err
		}
		claim = Claim{RegistryEntry: entry, VerifiedAt: now}
		return s.audit.RecordTx(ctx, tx, audit.Event{
			Action: "registry.claimed", SubjectType: "organization", SubjectID: before.ID,
			Before: map[string]any{"ein": before.EIN.String(), "legal_name": before.LegalName},
			After:  map[string]any{"ein": entry.EIN.String(), "legal_name": entry.Name},
		})
	})
	return claim, err
}

// ReleaseClaim lets go of the entry, so that another organization can claim it. The legal name stays as text until it is changed.
func (s *Service) ReleaseClaim(ctx context.Context) error {
	return s.db.InTx(ctx, tenant(ctx), func(tx database.Tx) error {
		before, err := readClaimant(ctx, tx, actor.From(ctx).OrgID, "NO KEY UPDATE")
		if err != nil {
			return err
		}
		if before.EIN == "" {
			return cause.ErrNoClaim
		}
		if err := releaseClaim(ctx, tx, before.ID, s.now()); err != nil {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{
			Action: "registry.released", SubjectType: "organization", SubjectID: before.ID,
			Before: map[string]any{"ein": before.EIN.String()},
		})
	})
}

// ReleaseEIN lets go of an entry in the name of whoever claimed it: the operator's remedy for an entry that the wrong organization took.
// It returns cause.ErrNoClaim when nobody did.
func (s *Service) ReleaseEIN(ctx context.Context, ein cause.EIN) error {
	who := actor.From(ctx)
	err := s.db.Read(ctx, database.Platform(), func(r database.Reader) (err error) {
		who.OrgID, err = claimantOf(ctx, r, ein)
		return err
	})
	if err != nil {
		return err
	}
	return s.ReleaseClaim(actor.With(ctx, who))
}
