package volunteering

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// mostOnBoard is how many shifts one board shows.
const mostOnBoard = 200

// Board is a day at the door: the shifts that touch it, and everybody who has to do with them.
type Board struct {
	Day    day.Day
	Now    time.Time
	Shifts []BoardShift
	People []DoorLine
	More   bool // there are more shifts than one board shows: ask for a shift by its id
}

// BoardShift is a shift with its opportunity.
type BoardShift struct {
	volunteer.Shift
	Opportunity volunteer.Opportunity
}

// DoorLine is how one person stands to one shift.
type DoorLine struct {
	volunteer.SignUp
	Shift   volunteer.Shift
	Name    string
	Email   string
	Phone   string
	Missing []string // what the shift asks for and the person has not shown
}

// Late is how long after the shift's start they came, zero when in time or not here.
func (l DoorLine) Late() time.Duration {
	if l.CheckedInAt == nil {
		return 0
	}
	return max(0, l.CheckedInAt.Sub(l.Shift.StartsAt))
}

// Door is the board of a day, today when none is named: a shift is on it when some of it falls on that date where it takes place. Given a
// shift, the board is that of the shift.
func (s *Service) Door(ctx context.Context, on day.Day, shift id.ID[volunteer.Shift]) (Board, error) {
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return Board{}, err
	}
	board := Board{Day: on, Now: s.now()}
	if on.IsZero() {
		board.Day = day.In(board.Now, org.Location())
	}
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
		var shifts []volunteer.Shift
		var err error
		if shift.IsZero() {
			shifts, err = shiftsOfDay(ctx, r, board.Day, mostOnBoard+1)
		} else {
			var one volunteer.Shift
			one, err = findShift(ctx, r, shift)
			shifts, board.Day = []volunteer.Shift{one}, one.StartsLocal.Day()
		}
		if err != nil {
			return err
		}
		if len(shifts) > mostOnBoard {
			shifts, board.More = shifts[:mostOnBoard], true
		}
		signUps, err := lastSignUps(ctx, r, shifts)
		if err != nil {
			return err
		}
		board.Shifts, board.People, err = doorLines(ctx, r, shifts, signUps)
		return err
	})
	return board, err
}

// Arrival is what a QR code says: who it is, and their shifts of today.
type Arrival struct {
	PersonID uuid.UUID
	Name     string
	SignUps  []DoorLine
}

// ByCode finds whose QR code it is, and their shifts of today where those take place, or under way.
func (s *Service) ByCode(ctx context.Context, code string) (a Arrival, err error) {
	now := s.now()
	err = s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) error {
		if a.PersonID, err = byCheckInCode(ctx, r, strings.ToUpper(strings.TrimSpace(code))); err != nil {
			return err
		}
		signUps, shifts, err := lastSignUpsOf(ctx, r, a.PersonID, now.Add(-24*time.Hour), now.Add(24*time.Hour))
		if err != nil {
			return err
		}
		people, err := visitorsOf(ctx, r, []uuid.UUID{a.PersonID})
		if err != nil {
			return err
		}
		a.Name = people[a.PersonID].DisplayName()
		_, lines, err := doorLines(ctx, r, shifts, signUps)
		a.SignUps = slices.DeleteFunc(lines, func(l DoorLine) bool {
			today := day.In(now, l.Shift.Location())
			return l.Status != volunteer.In && (l.Shift.StartsLocal.Day().After(today) || l.Shift.EndsLocal.Day().Before(today))
		})
		return err
	})
	return a, err
}

// doorLines puts names and what is missing to sign-ups of shifts: in the order of the shifts, then by name.
func doorLines(ctx context.Context, r database.Reader, shifts []volunteer.Shift, signUps []volunteer.SignUp) ([]BoardShift, []DoorLine, error) {
	var of []id.ID[volunteer.Opportunity]
	place := map[id.ID[volunteer.Shift]]int{}
	for i, s := range shifts {
		of, place[s.ID] = append(of, s.OpportunityID), i
	}
	offers, err := opportunitiesOf(ctx, r, of)
	if err != nil {
		return nil, nil, err
	}
	var who []uuid.UUID
	for _, u := range signUps {
		who = append(who, *u.PersonID)
	}
	people, err := visitorsOf(ctx, r, who)
	if err != nil {
		return nil, nil, err
	}
	board := make([]BoardShift, len(shifts))
	for i, s := range shifts {
		board[i] = BoardShift{s, offers[s.OpportunityID].Opportunity}
	}
	lines := make([]DoorLine, len(signUps))
	for i, u := range signUps {
		v, s := people[*u.PersonID], shifts[place[u.ShiftID]]
		lines[i] = DoorLine{SignUp: u, Shift: s, Name: v.DisplayName(), Email: v.EmailAddress(), Phone: v.Phone, Missing: v.missing(s, offers[s.OpportunityID])}
	}
	slices.SortStableFunc(lines, func(a, b DoorLine) int {
		return cmp.Or(cmp.Compare(place[a.ShiftID], place[b.ShiftID]), cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)))
	})
	return board, lines, nil
}

// missing lists what a shift asks for and the person has not shown, in words for staff.
func (v visitor) missing(s volunteer.Shift, o offer) []string {
	all, on := []string{}, s.StartsLocal.Day()
	if o.MinAge > 0 && (v.BirthDate == nil || volunteer.Age(day.In(*v.BirthDate, time.UTC), on) < o.MinAge) {
		all = append(all, fmt.Sprintf("At least %d years old", o.MinAge))
	}
	for _, need := range o.Required {
		if volunteer.Standing(v.Credentials, need.KindID, on) != volunteer.Valid {
			all = append(all, need.Name)
		}
	}
	return all
}
