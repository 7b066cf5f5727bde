package volunteering

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// Volunteer is a person as a volunteer: who they are, what is known of them, what they have to show, and what they did.
type Volunteer struct {
	Person      person.Person
	Profile     volunteer.Profile // Version 0: nothing is known yet
	Credentials []Held
	Summary     Summary
}

// Held is a credential that somebody has.
type Held struct {
	volunteer.Credential
	KindName string
	Standing volunteer.Proof // today, where the organization is
}

// Summary is what a person did as a volunteer.
type Summary struct {
	Minutes         int     // approved, ever
	MinutesThisYear int     // approved, of the calendar year
	Upcoming        int     // shifts to come in which they have a place
	Came            int     // shifts they did
	Missed          int     // shifts they missed, ever
	NoShows         int     // of those, how many count towards being locked out
	FirstOn         day.Day // of service; zero: none yet
	LastOn          day.Day
}

// LockedOut reports whether only staff sign the person up, after too many no-shows.
func (s Summary) LockedOut() bool { return s.NoShows >= volunteer.NoShowLimit }

// VolunteerFilter narrows the list of volunteers; zero values narrow nothing. Before and BeforeID are where the previous page ended.
type VolunteerFilter struct {
	Search   string // words of the name or e-mail address, at least two characters
	Skill    string
	Status   volunteer.ProfileStatus
	Before   time.Time
	BeforeID uuid.UUID
	Limit    int
}

// ListVolunteers returns up to Limit volunteers of the actor's organization, the newest first, and whether there are more.
func (s *Service) ListVolunteers(ctx context.Context, f VolunteerFilter) (found []Volunteer, more bool, err error) {
	terms, err := person.SearchTerms(f.Search)
	if err != nil {
		return nil, false, err
	}
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return nil, false, err
	}
	err = s.db.ReadReplica(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
		profiles, err := listVolunteers(ctx, r, terms, f)
		if err != nil {
			return err
		}
		if more = len(profiles) > f.Limit; more {
			profiles = profiles[:f.Limit]
		}
		found, err = volunteersOf(ctx, r, profiles, s.asOf(org))
		return err
	})
	return found, more, err
}

// FindVolunteer returns a person of the actor's organization as a volunteer. Of somebody who never helped the profile has version 0.
func (s *Service) FindVolunteer(ctx context.Context, who uuid.UUID) (found Volunteer, err error) {
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return Volunteer{}, err
	}
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
		found, err = s.readVolunteer(ctx, r, org, who)
		return err
	})
	return found, err
}

// Summary is what a person of an organization did as a volunteer.
func (s *Service) Summary(ctx context.Context, org account.Organization, who uuid.UUID) (sum Summary, err error) {
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
		all, err := summariesOf(ctx, r, []uuid.UUID{who}, s.asOf(org))
		sum = all[who]
		return err
	})
	return sum, err
}

// PatchVolunteer changes what staff know of a person, and makes the profile when there is none. version is the one the editor saw, 0 for
// none; a newer one is volunteer.ErrChanged.
func (s *Service) PatchVolunteer(ctx context.Context, who uuid.UUID, version int, patch volunteer.ProfilePatch) (Volunteer, error) {
	return s.changeProfile(ctx, who, func(p *volunteer.Profile) (string, error) {
		return "volunteer.changed", p.Apply(roundedPlace(patch), seenVersion(version), s.now())
	})
}

// ForgiveNoShows lets a person sign up by themselves again: what they missed so far no longer counts.
func (s *Service) ForgiveNoShows(ctx context.Context, who uuid.UUID) (Volunteer, error) {
	return s.changeProfile(ctx, who, func(p *volunteer.Profile) (string, error) {
		at := s.now()
		p.NoShowsForgivenAt, p.UpdatedAt = &at, at
		return "volunteer.no_shows_forgiven", nil
	})
}

// SelfVolunteer is the supporter who asks, as a volunteer, without the coordinator's notes.
func (s *Service) SelfVolunteer(ctx context.Context) (Volunteer, error) {
	who, err := volunteerSelf(ctx)
	if err != nil {
		return Volunteer{}, err
	}
	v, err := s.FindVolunteer(ctx, who)
	v.Profile.Notes = ""
	return v, err
}

// errBirthDateSet keeps volunteers from changing the age that was checked.
var errBirthDateSet = fault.Invalid("birth_date", "volunteer.birth_date_set", "To correct your date of birth, please write to us.")

// PatchSelf changes what a supporter says of themselves. The coordinator's notes and the status are not theirs to change, and a date of birth
// is said once.
func (s *Service) PatchSelf(ctx context.Context, version int, patch volunteer.ProfilePatch) (Volunteer, error) {
	who, err := volunteerSelf(ctx)
	if err != nil {
		return Volunteer{}, err
	}
	patch.Status, patch.Notes = nil, nil
	v, err := s.changeProfile(ctx, who, func(p *volunteer.Profile) (string, error) {
		if said := bornOn(*p); patch.BirthDate != nil && !said.IsZero() && *patch.BirthDate != said {
			return "", errBirthDateSet
		}
		return "volunteer.changed", p.Apply(roundedPlace(patch), seenVersion(version), s.now())
	})
	v.Profile.Notes = ""
	return v, err
}

// NewFeedToken gives the supporter who asks a new address of their calendar feed; the old one stops working at once.
func (s *Service) NewFeedToken(ctx context.Context) (token string, err error) {
	who, err := volunteerSelf(ctx)
	if err != nil {
		return "", err
	}
	token = rand.Text()
	_, err = s.changeProfile(ctx, who, func(p *volunteer.Profile) (string, error) {
		p.FeedToken, p.UpdatedAt = token, s.now()
		return "volunteer.feed_renewed", nil
	})
	return token, err
}

// PlacePosition is a place in the list of a person's sign-ups. The zero value is the start.
type PlacePosition struct {
	At time.Time
	ID id.ID[volunteer.SignUp]
}

// PlacesOf returns up to limit sign-ups of a person of the actor's organization, the newest first, and whether there are more.
func (s *Service) PlacesOf(ctx context.Context, who uuid.UUID, before PlacePosition, limit int) (places []PersonSignUp, more bool, err error) {
	err = s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) error {
		if _, err := personOf(ctx, r, who); err != nil {
			return err
		}
		places, err = signUpsOfPerson(ctx, r, who, before, limit+1)
		return err
	})
	if more = len(places) > limit; more {
		places = places[:limit]
	}
	return places, more, err
}

// PersonSignUp is a sign-up of a person with what a list says of its shift.
type PersonSignUp struct {
	volunteer.SignUp
	OpportunityID    id.ID[volunteer.Opportunity] `gorm:"type:uuid"`
	OpportunityTitle string
	Role             string
	ShiftTitle       string
	ShiftStatus      volunteer.ShiftStatus
	StartsLocal      volunteer.Wall
	EndsLocal        volunteer.Wall
	Zone             string
	StartsAt         time.Time
	EndsAt           time.Time
}

// changeProfile locks the profile of a person, who gets one when they have none, has it changed, and saves and records what differs.
func (s *Service) changeProfile(ctx context.Context, who uuid.UUID, change func(*volunteer.Profile) (action string, err error)) (changed Volunteer, err error) {
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return Volunteer{}, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		p, err := s.lockProfile(ctx, tx, org.ID.UUID, who)
		if err != nil {
			return err
		}
		before := p
		action, err := change(&p)
		if err != nil {
			return err
		}
		if err := saveProfile(ctx, tx, p); err != nil {
			return err
		}
		was, is := profileDiffers(before, p)
		err = s.audit.RecordTx(ctx, tx, audit.Event{Action: action, SubjectType: "person", SubjectID: who, Before: was, After: is})
		if err != nil {
			return err
		}
		changed, err = s.readVolunteer(ctx, tx, org, who)
		return err
	})
	return changed, err
}

// lockProfile locks the profile of a person who exists and still has a name.
func (s *Service) lockProfile(ctx context.Context, tx database.Tx, org, who uuid.UUID) (volunteer.Profile, error) {
	kept, err := personOf(ctx, tx, who)
	if err != nil {
		return volunteer.Profile{}, err
	}
	if kept.AnonymisedAt != nil {
		return volunteer.Profile{}, person.ErrAnonymised
	}
	locked, err := lockVolunteers(ctx, tx, org, []uuid.UUID{who}, s.now())
	return locked[who], err
}

func (s *Service) readVolunteer(ctx context.Context, r database.Reader, org account.Organization, who uuid.UUID) (Volunteer, error) {
	p, err := personOf(ctx, r, who)
	if err != nil {
		return Volunteer{}, err
	}
	profile, err := findProfile(ctx, r, who)
	if errors.Is(err, volunteer.ErrVolunteer) {
		profile, err = volunteer.NewProfile(org.ID.UUID, who, "", "", p.CreatedAt), nil
		profile.Version = 0
	}
	if err != nil {
		return Volunteer{}, err
	}
	found, err := volunteersOf(ctx, r, []volunteer.Profile{profile}, s.asOf(org))
	if err != nil {
		return Volunteer{}, err
	}
	return found[0], nil
}

// asOf is the moment for which standings are told.
type asOf struct {
	now   time.Time
	today day.Day // the organization's
}

func (s *Service) asOf(org account.Organization) asOf {
	now := s.now()
	return asOf{now, day.In(now, org.Location())}
}

// volunteersOf completes profiles with who they belong to, what those have to show, and what they did: in three queries, however many there are.
func volunteersOf(ctx context.Context, r database.Reader, profiles []volunteer.Profile, at asOf) ([]Volunteer, error) {
	ids := make([]uuid.UUID, len(profiles))
	for i, p := range profiles {
		ids[i] = p.PersonID
	}
	people, err := peopleOf(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	held, err := credentialsOf(ctx, r, ids, at.today)
	if err != nil {
		return nil, err
	}
	sums, err := summariesOf(ctx, r, ids, at)
	if err != nil {
		return nil, err
	}
	all := make([]Volunteer, len(profiles))
	for i, p := range profiles {
		all[i] = Volunteer{Person: people[p.PersonID], Profile: p, Credentials: held[p.PersonID], Summary: sums[p.PersonID]}
	}
	return all, nil
}

// seenVersion is the version that an editor saw: whoever saw none saw the same as the first one says, which a sign-up may have made meanwhile.
func seenVersion(version int) int { return max(version, 1) }

// bornOn is the date of birth; zero: not known.
func bornOn(p volunteer.Profile) day.Day {
	if p.BirthDate == nil {
		return day.Day{}
	}
	return day.In(*p.BirthDate, time.UTC)
}

// roundedPlace blurs where somebody sets out to about a kilometre: enough to say how far it is, and no address.
func roundedPlace(patch volunteer.ProfilePatch) volunteer.ProfilePatch {
	if patch.Coordinates != nil {
		blur := func(degrees float64) float64 { return math.Round(degrees*100) / 100 }
		patch.Coordinates = &[2]float64{blur(patch.Coordinates[0]), blur(patch.Coordinates[1])}
	}
	return patch
}

// profileDiffers says what changed, in the wire's words. Of notes and dates of birth only that they did.
func profileDiffers(before, after volunteer.Profile) (was, is map[string]any) {
	was, is = map[string]any{}, map[string]any{}
	differs := func(field string, unlike bool, old, now any) {
		if unlike {
			was[field], is[field] = old, now
		}
	}
	differs("status", before.Status != after.Status, before.Status, after.Status)
	differs("skills", !slices.Equal(before.Skills, after.Skills), before.Skills, after.Skills)
	differs("interests", !slices.Equal(before.Interests, after.Interests), before.Interests, after.Interests)
	differs("availability", before.Availability != after.Availability, before.Availability, after.Availability)
	differs("reminders", before.Reminders != after.Reminders, before.Reminders, after.Reminders)
	differs("can_be_asked", before.CanBeAsked != after.CanBeAsked, before.CanBeAsked, after.CanBeAsked)
	differs("notes", before.Notes != after.Notes, before.Notes != "", after.Notes != "")
	differs("birth_date", bornOn(before) != bornOn(after), before.BirthDate != nil, after.BirthDate != nil)
	differs("place", !slices.Equal(coordinates(before), coordinates(after)), before.Latitude != nil, after.Latitude != nil)
	return was, is
}

func coordinates(p volunteer.Profile) []float64 {
	if p.Latitude == nil || p.Longitude == nil {
		return nil
	}
	return []float64{*p.Latitude, *p.Longitude}
}

// volunteerSelf is the person of the supporter who asks; anybody else is person.ErrSessionOver.
func volunteerSelf(ctx context.Context) (uuid.UUID, error) {
	who := actor.From(ctx)
	if who.Kind != actor.KindSupporter {
		return uuid.Nil, person.ErrSessionOver
	}
	return who.ID, nil
}
