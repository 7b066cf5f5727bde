package volunteering

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// Listing is a shift as people find it, with the opportunity it belongs to.
type Listing struct {
	volunteer.Shift
	Offer offer
	Mine  *ownStanding // of the supporter who looks; nil: none
}

// Opening says what somebody who looks at a listing can do.
type Opening string

// The openings.
const (
	OpenForAll   Opening = "open"
	OpenToWait   Opening = "waitlist"  // full: one may join the line
	NotYetOpen   Opening = "not_yet"   // sign-up opens later
	NothingLeft  Opening = "full"      // full, and so is the waitlist
	NoLonger     Opening = "closed"    // the cut-off has passed
	AlreadyMine  Opening = "mine"      // has a place
	InLine       Opening = "waiting"   // is on the waitlist
	PlaceOffered Opening = "offered"   // a place is held for them
	TookPlace    Opening = "ended"     // over
	Off          Opening = "cancelled" // called off
	Withheld     Opening = "withheld"  // the opportunity is not public any more
)

// Opening is what can be done about the listing now, as far as the shift tells. What stands against a person is asked when they sign up.
func (l Listing) Opening(at time.Time) Opening {
	switch {
	case l.Status == volunteer.Cancelled:
		return Off
	case !l.EndsAt.After(at):
		return TookPlace
	case l.Mine != nil && l.Mine.Status == volunteer.Waiting:
		return InLine
	case l.Mine != nil && l.Mine.Status == volunteer.Offered:
		return PlaceOffered
	case l.Mine != nil:
		return AlreadyMine
	case l.Offer.Status != volunteer.Published || l.Offer.Visibility != volunteer.ForEverybody:
		return Withheld
	case l.OpensAt != nil && l.OpensAt.After(at):
		return NotYetOpen
	case !at.Before(l.ClosesAt):
		return NoLonger
	case l.Free() > 0: // whoever waits brings more people than that
		return OpenForAll
	case l.Offer.Waitlist.WaitlistMax != nil && l.Waiting >= *l.Offer.Waitlist.WaitlistMax:
		return NothingLeft
	}
	return OpenToWait
}

// Choosable reports whether it can be chosen on the public pages.
func (o Opening) Choosable() bool { return o == OpenForAll || o == OpenToWait }

// Finder is what the public page of an organization's volunteer work shows.
type Finder struct {
	Org           account.Organization
	Listings      []Listing
	More          bool
	Flexible      []offer // on the first page only
	Places, Roles []string
	Chosen        []Listing // wherever they are in the list
	Gone          int       // how many of the chosen do not exist any more
	SignedIn      bool
}

// viewerOf is the supporter who looks at pages of an organization.
func viewerOf(ctx context.Context, org account.Organization) (uuid.UUID, bool) {
	who := actor.From(ctx)
	return who.ID, who.Kind == actor.KindSupporter && who.OrgID == org.ID.UUID
}

// nonprofitBySlug is the organization of a public page. Only nonprofits have them.
func (s *Service) nonprofitBySlug(ctx context.Context, slug string) (account.Organization, error) {
	org, err := s.organizations.OrganizationBySlug(ctx, slug)
	if err == nil && org.Kind != account.Nonprofit {
		err = volunteer.ErrOpportunity
	}
	return org, err
}

// FindShifts is one page of the public list, and the chosen shifts.
func (s *Service) FindShifts(ctx context.Context, slug string, f ListingFilter, chosen []id.ID[volunteer.Shift]) (Finder, error) {
	org, err := s.nonprofitBySlug(ctx, slug)
	if err != nil {
		return Finder{}, err
	}
	all := Finder{Org: org}
	now := s.now()
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
		who, profile, err := s.viewerIn(ctx, r, org)
		if err != nil {
			return err
		}
		all.SignedIn = profile != nil
		rows, err := listListings(ctx, r, f, profile, now)
		if err != nil {
			return err
		}
		if all.More = len(rows) > listingsPerPage; all.More {
			rows = rows[:listingsPerPage]
		}
		if all.Listings, err = listingsOf(ctx, r, rows, who); err != nil {
			return err
		}
		if all.Chosen, err = chosenOf(ctx, r, chosen, who); err != nil {
			return err
		}
		all.Gone = len(chosen) - len(all.Chosen)
		if f.After.IsZero() && f.Opportunity == nil {
			flexible, err := listFlexible(ctx, r, f, day.In(now, org.Location()))
			if err != nil {
				return err
			}
			if all.Flexible, err = offersOf(ctx, r, flexible); err != nil {
				return err
			}
		}
		all.Places, all.Roles, err = choicesOf(ctx, r)
		return err
	})
	return all, err
}

// Offering is an opportunity as people find it, with the next shifts of it.
type Offering struct {
	Org      account.Organization
	Offer    offer
	Listings []Listing
	More     bool
	Chosen   []Listing
	SignedIn bool
}

// FindOffering is the public page of an opportunity. f tells where its list of shifts goes on.
func (s *Service) FindOffering(ctx context.Context, org, slug string, f ListingFilter, chosen []id.ID[volunteer.Shift]) (Offering, error) {
	var one Offering
	found, err := s.nonprofitBySlug(ctx, org)
	if err != nil {
		return one, err
	}
	one.Org = found
	err = s.db.Read(ctx, database.Tenant(found.ID.UUID), func(r database.Reader) error {
		who, profile, err := s.viewerIn(ctx, r, found)
		if err != nil {
			return err
		}
		one.SignedIn = profile != nil
		o, err := publicOpportunity(ctx, r, slug)
		if err != nil {
			return err
		}
		offers, err := offersOf(ctx, r, []volunteer.Opportunity{o})
		if err != nil {
			return err
		}
		one.Offer = offers[0]
		f.Opportunity = &o.ID
		rows, err := listListings(ctx, r, f, nil, s.now())
		if err != nil {
			return err
		}
		if one.More = len(rows) > listingsPerPage; one.More {
			rows = rows[:listingsPerPage]
		}
		if one.Listings, err = listingsOf(ctx, r, rows, who); err != nil {
			return err
		}
		one.Chosen, err = chosenOf(ctx, r, chosen, who)
		return err
	})
	return one, err
}

// Choice is what somebody chose, before they say who they are.
type Choice struct {
	Org        account.Organization
	Listings   []Listing
	Gone       int // how many do not exist any more
	SignedIn   bool
	BirthKnown bool // when signed in
}

// Chosen reads chosen shifts as they are now.
func (s *Service) Chosen(ctx context.Context, slug string, chosen []id.ID[volunteer.Shift]) (Choice, error) {
	org, err := s.nonprofitBySlug(ctx, slug)
	if err != nil {
		return Choice{}, err
	}
	c := Choice{Org: org}
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
		who, profile, err := s.viewerIn(ctx, r, org)
		if err != nil {
			return err
		}
		c.SignedIn = profile != nil
		c.BirthKnown = c.SignedIn && profile.BirthDate != nil
		c.Listings, err = chosenOf(ctx, r, chosen, who)
		c.Gone = len(chosen) - len(c.Listings)
		return err
	})
	return c, err
}

// viewerIn is the supporter who looks, and what is known of them; nil for anybody else.
func (s *Service) viewerIn(ctx context.Context, r database.Reader, org account.Organization) (uuid.UUID, *volunteer.Profile, error) {
	who, signedIn := viewerOf(ctx, org)
	if !signedIn {
		return uuid.UUID{}, nil, nil
	}
	p, err := findProfile(ctx, r, who)
	if errors.Is(err, volunteer.ErrVolunteer) {
		p, err = volunteer.Profile{PersonID: who}, nil
	}
	return who, &p, err
}

func chosenOf(ctx context.Context, r database.Reader, chosen []id.ID[volunteer.Shift], who uuid.UUID) ([]Listing, error) {
	rows, err := shiftsOf(ctx, r, chosen)
	if err != nil {
		return nil, err
	}
	all, err := listingsOf(ctx, r, rows, who)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(l Listing) bool { // what was never public is nobody's to see
		return l.Mine == nil && (l.Offer.Status == volunteer.Draft || l.Offer.Visibility != volunteer.ForEverybody)
	}), nil
}

func listingsOf(ctx context.Context, r database.Reader, rows []volunteer.Shift, who uuid.UUID) ([]Listing, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	var of []id.ID[volunteer.Opportunity]
	var shifts []id.ID[volunteer.Shift]
	for _, row := range rows {
		of, shifts = append(of, row.OpportunityID), append(shifts, row.ID)
	}
	offers, err := opportunitiesOf(ctx, r, of)
	if err != nil {
		return nil, err
	}
	var mine map[id.ID[volunteer.Shift]]ownStanding
	if who != (uuid.UUID{}) {
		if mine, err = standingsOf(ctx, r, who, shifts); err != nil {
			return nil, err
		}
	}
	all := make([]Listing, len(rows))
	for i, row := range rows {
		all[i] = Listing{Shift: row, Offer: offers[row.OpportunityID]}
		if m, ok := mine[row.ID]; ok {
			all[i].Mine = &m
		}
	}
	return all, nil
}

func offersOf(ctx context.Context, r database.Reader, rows []volunteer.Opportunity) ([]offer, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids := make([]id.ID[volunteer.Opportunity], len(rows))
	for i, o := range rows {
		ids[i] = o.ID
	}
	known, err := opportunitiesOf(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	all := make([]offer, len(rows))
	for i, o := range rows {
		all[i] = known[o.ID]
	}
	return all, nil
}
