package app

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/volunteering"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// demoShift is a series of shifts of a demonstration's opportunity.
type demoShift struct {
	title       string
	inDays      int // from today until the first
	from, until int // hours of the day
	places      int
	repeat      string // RFC 5545
	volunteers  int    // who have signed up for the first
	waiting     int
	party       int // how many come with the last of them, who is included; 0: alone
}

type demoOpportunity struct {
	details volunteer.Details
	proof   bool // asks for the background check
	shifts  []demoShift
}

var demoPlace = volunteer.Place{
	Name: "Riverbend boathouse", AddressLine1: "2 Water Street", City: "Riverbend", Region: "NY", PostalCode: "12571", Country: "US",
	Latitude: new(41.995), Longitude: new(-73.875),
}

var demoOpportunities = []demoOpportunity{
	{
		details: volunteer.Details{
			Slug: "plant-willows", Title: "Plant willows along the lower bank", Role: "Planter", Kind: volunteer.InShifts, Visibility: volunteer.ForEverybody,
			Summary: "Dig, set and water young willows with a crew of eight. We bring spades, you bring boots.",
			Why:     "Every willow holds a ton of bank in place within ten years, and slows the next flood.",
			Description: "No experience needed: a crew leader shows you how. You will be outdoors in any weather but storm.\n\n" +
				"- Boots and clothes that may get muddy\n- Something to drink\n- Children from 12 may come with an adult",
			Place: demoPlace, Directions: "Park behind the boathouse; the crew meets at the green door. Bus 7 stops at Mill Lane, four minutes on foot.", MinAge: 12, PartyMax: 4,
			ContactName: "Tomás Rivera", ContactEmail: "coordinator@riverbend.example", ContactPhone: "+1 555 0104",
			Window: volunteer.Window{CancelBeforeMinutes: 3 * 60}, Waitlist: volunteer.Waitlist{OfferHours: 12},
		},
		shifts: []demoShift{
			{inDays: 6, from: 9, until: 12, places: 8, repeat: "FREQ=WEEKLY;COUNT=12", volunteers: 3, party: 3},
			{inDays: 3, from: 9, until: 12, places: 4, volunteers: 4, waiting: 2},
		},
	},
	{
		details: volunteer.Details{
			Slug: "reading-hour", Title: "Reading hour at the school", Role: "Reading partner", Kind: volunteer.InShifts, Visibility: volunteer.ForEverybody,
			Summary:    "Read for an hour with one child who would like to read more, every week the same one if you can.",
			Why:        "Children who read aloud to one patient adult a week catch up a year in six months.",
			Place:      volunteer.Place{Name: "Riverbend Elementary", AddressLine1: "40 Mill Lane", City: "Riverbend", Region: "NY", PostalCode: "12571", Country: "US", Latitude: new(41.999), Longitude: new(-73.881)},
			Directions: "Report at the front desk, which has your badge.", MinAge: 18, Skills: []string{"reading", "working with children"},
			ContactName: "Tomás Rivera", ContactEmail: "coordinator@riverbend.example",
			Window: volunteer.Window{ClosesBeforeMinutes: 24 * 60, CancelBeforeMinutes: 12 * 60}, Waitlist: volunteer.Waitlist{OfferHours: 24},
		},
		proof:  true,
		shifts: []demoShift{{inDays: 2, from: 15, until: 16, places: 3, repeat: "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=16", volunteers: 1}},
	},
	{
		details: volunteer.Details{
			Slug: "translate-letters", Title: "Translate our letters into Spanish", Role: "Translator", Kind: volunteer.Flexible, Visibility: volunteer.ForEverybody,
			Summary: "An hour here and there, from home: two letters a month, and sometimes a poster.",
			Why:     "A third of our families read Spanish first.", Place: volunteer.Place{Remote: true}, Skills: []string{"spanish"}, HoursWanted: 40,
			ContactName: "Tomás Rivera", ContactEmail: "coordinator@riverbend.example", Waitlist: volunteer.Waitlist{OfferHours: 12},
		},
	},
}

// demoVolunteers are who helps: donors, and people who only give time. Everybody has the background check.
var demoVolunteers = []struct {
	person person.Details
	skills []string
	hours  []int // minutes, some weeks ago
}{
	{person.Details{FirstName: "Ada", LastName: "Whitcomb", Email: "ada.whitcomb@example.org"}, []string{"reading", "working with children"}, []int{60, 60, 60, 90}},
	{person.Details{FirstName: "Bashir", LastName: "Haddad", Email: "bashir.haddad@example.org"}, []string{"driving", "first aid"}, []int{180, 180}},
	{person.Details{FirstName: "Noor", LastName: "Aziz", Email: "noor.aziz@example.org", City: "Riverbend", PostalCode: "12571"}, []string{"gardening"}, []int{180}},
	{person.Details{FirstName: "Jonas", LastName: "Weir", Email: "jonas.weir@example.org", City: "Milltown"}, []string{"carpentry", "driving"}, []int{120, 240}},
	{person.Details{FirstName: "Lucía", LastName: "Paz", Email: "lucia.paz@example.org", City: "Riverbend"}, []string{"spanish", "reading"}, []int{45, 60}},
	{person.Details{FirstName: "Gwen", LastName: "Parry", Email: "gwen.parry@example.org"}, nil, nil},
}

// demoHelp are people who offer help without choosing a shift.
var demoHelp = []struct {
	person  person.Details
	details volunteer.HelpDetails
}{
	{
		person.Details{FirstName: "Ines", LastName: "Okafor", Email: "ines.okafor@example.org", Phone: "+1 555 0163", City: "Milltown"},
		volunteer.HelpDetails{
			Skills: []string{"driving", "spanish"}, Interests: []string{"river clean-ups"},
			Availability: volunteer.AvailableOn(time.Saturday, volunteer.Morning) | volunteer.AvailableOn(time.Sunday, volunteer.Morning),
			Message:      "I have a van and free weekends, but no time during the week.\nCould you use somebody who fetches plants or brings tools?",
		},
	},
	{
		person.Details{FirstName: "Otto", LastName: "Lindqvist", Email: "otto.lindqvist@example.org"},
		volunteer.HelpDetails{
			Skills: []string{"bookkeeping"}, Availability: volunteer.AvailableOn(time.Tuesday, volunteer.Evening),
			Message: "Retired accountant. I would gladly help with the books, or with whatever needs a careful pair of eyes.",
		},
	},
}

// help is offered by people of whom nobody knew yet; it waits for an answer.
func (d *demo) help(ctx context.Context, org account.Organization) error {
	for _, h := range demoHelp {
		who, err := d.App.people.Create(ctx, h.person)
		if err != nil {
			return err
		}
		self := actor.With(ctx, actor.Actor{Kind: actor.KindSupporter, ID: who.ID.UUID, OrgID: org.ID.UUID})
		if _, err := d.volunteering.OfferHelpSelf(self, volunteering.HelpInput{Details: h.details}); err != nil {
			return fmt.Errorf("offer of %s: %w", h.person.FirstName, err)
		}
	}
	return nil
}

// volunteers are opportunities with shifts that fill up, people who help, and hours, some of which wait for approval.
func (d *demo) volunteers(ctx context.Context, org account.Organization) error {
	proof, err := d.volunteering.CreateCredentialKind(ctx, volunteering.KindDetails{
		Name: "Background check", Description: "We arrange it with the county and pay for it; it takes about two weeks.", ValidMonths: 24,
	})
	if err != nil {
		return err
	}
	if err := d.help(ctx, org); err != nil {
		return err
	}
	team, err := d.helpers(ctx, org, proof)
	if err != nil {
		return err
	}
	for i, o := range demoOpportunities {
		var required []uuid.UUID
		if o.proof {
			required = []uuid.UUID{proof.ID.UUID}
		}
		made, err := d.volunteering.CreateOpportunity(ctx, o.details, required)
		if err != nil {
			return err
		}
		if _, err := d.volunteering.Publish(ctx, made.ID); err != nil {
			return err
		}
		for _, s := range o.shifts {
			if err := d.shifts(ctx, made.Opportunity, s, team); err != nil {
				return fmt.Errorf("shifts of %s: %w", made.Slug, err)
			}
		}
		if err := d.hours(ctx, org, made.Opportunity, team, i); err != nil {
			return fmt.Errorf("hours of %s: %w", made.Slug, err)
		}
	}
	return nil
}

// helpers are the people who help, each with a profile.
func (d *demo) helpers(ctx context.Context, org account.Organization, proof volunteer.CredentialKind) ([]uuid.UUID, error) {
	today := day.In(d.now(), org.Location())
	team := make([]uuid.UUID, len(demoVolunteers))
	for i, v := range demoVolunteers {
		who, err := d.App.people.Create(ctx, v.person)
		if err != nil {
			return nil, err
		}
		team[i] = who.ID.UUID
		born, active := day.New(1970+5*i, time.May, 3+i), volunteer.Active
		free := volunteer.AlwaysAvailable
		if _, err := d.volunteering.PatchVolunteer(ctx, team[i], 0, volunteer.ProfilePatch{Status: &active, Skills: &v.skills, Availability: &free, BirthDate: &born}); err != nil {
			return nil, err
		}
		_, err = d.volunteering.AddCredential(ctx, team[i], volunteering.CredentialInput{
			KindID: proof.ID, Details: volunteer.CredentialDetails{IssuedOn: today.AddDays(-715 + 90*i)}, Confirmed: true,
		})
		if err != nil {
			return nil, err
		}
	}
	return team, nil
}

// shifts are planned from a day on, and the first fills up.
func (d *demo) shifts(ctx context.Context, o volunteer.Opportunity, s demoShift, team []uuid.UUID) error {
	on := day.In(d.now(), o.Location()).AddDays(s.inDays)
	planned, err := d.volunteering.PlanShifts(ctx, o.ID, volunteer.ShiftDetails{
		Title: s.title, StartsLocal: volunteer.WallOn(on, s.from, 0), EndsLocal: volunteer.WallOn(on, s.until, 0), Places: s.places,
	}, s.repeat)
	if err != nil {
		return err
	}
	for i, who := range team[:s.volunteers+s.waiting] {
		how := volunteering.StaffSignUp{PersonID: who, Wait: i >= s.volunteers}
		if i == s.volunteers-1 {
			how.Party = s.party
		}
		if _, err := d.volunteering.SignUpPerson(ctx, planned[0].ID, how); err != nil {
			return err
		}
	}
	return nil
}

// hours were given in the last weeks for the n-th opportunity; all but the newest are approved.
func (d *demo) hours(ctx context.Context, org account.Organization, o volunteer.Opportunity, team []uuid.UUID, n int) error {
	today := day.In(d.now(), org.Location())
	var approve []id.ID[volunteer.Hours]
	for i, v := range demoVolunteers {
		if i%len(demoOpportunities) != n {
			continue
		}
		for k, minutes := range v.hours {
			line, err := d.volunteering.LogHours(ctx, team[i], volunteering.HoursInput{OpportunityID: o.ID, On: today.AddDays(-7*k - i - 1), Minutes: minutes})
			if err != nil {
				return err
			}
			if k > 0 {
				approve = append(approve, line.ID)
			}
		}
	}
	if len(approve) == 0 {
		return nil
	}
	_, err := d.volunteering.DecideHours(ctx, volunteering.Decision{IDs: approve, Approve: true})
	return err
}
