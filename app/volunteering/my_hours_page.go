package volunteering

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// myHoursView is the time somebody gave: what counts, what waits for staff, and the form to enter more.
type myHoursView struct {
	Org      web.OrganizationView
	Hours    hoursView
	Entries  []hoursEntry
	Earlier  string
	Later    bool
	Choices  []HoursChoice
	Typed    map[string]string
	Errors   map[string]string
	Summary  []mistake
	Problem  string
	Saved    bool
	Today    day.Day
	List     string
	Path     string
	Document string // the certificate
}

// hoursEntry is one entry in the list.
type hoursEntry struct {
	Title, Note, Time, Reason string
	On                        day.Day
	Status                    volunteer.HoursStatus
	Assumed                   bool
}

const hoursPerPage = 30

func (s *Service) myHoursPage(ctx context.Context, r web.Request) (web.View, error) {
	org, away, err := s.volunteersOwn(ctx, r)
	if err != nil || away != nil {
		return orView(away), err
	}
	before, beforeID, err := web.DecodeTimeCursor(r.Query("cursor"), uuid.Parse)
	if err != nil {
		return web.View{}, err
	}
	v := myHoursView{Saved: r.Query("done") == "hours", Later: !before.IsZero(), Typed: map[string]string{"opportunity": clip(r.Query("opportunity"))}}
	return s.hoursPage(ctx, org, v, HoursFilter{Before: before, BeforeID: beforeID, Limit: hoursPerPage})
}

func (s *Service) hoursPage(ctx context.Context, org account.Organization, v myHoursView, f HoursFilter) (web.View, error) {
	mine, err := s.MyShifts(ctx, org, pastCursor{})
	if err != nil {
		return web.View{}, err
	}
	lines, more, err := s.MyHours(ctx, f)
	if err != nil {
		return web.View{}, err
	}
	if v.Choices, err = s.MyHoursChoices(ctx); err != nil {
		return web.View{}, err
	}
	v.Org, v.Hours, v.List, v.Path = web.ViewOrganization(org), hoursOf(mine), myShiftsPath(org), myShiftsPath(org)+"/hours"
	v.Today, v.Document = day.In(s.now(), org.Location()), myShiftsPath(org)+"/certificate.pdf"
	for _, l := range lines {
		v.Entries = append(v.Entries, hoursEntry{
			Title: l.Title, Note: l.Note, Time: volunteer.InHours(l.Minutes), Reason: l.Reason, On: l.On, Status: l.Status, Assumed: l.Assumed,
		})
	}
	if more {
		last := lines[len(lines)-1]
		v.Earlier = web.EncodeTimeCursor(last.CreatedAt, last.ID.String())
	}
	if v.Errors == nil {
		v.Errors = map[string]string{}
	}
	if v.Typed == nil {
		v.Typed = map[string]string{}
	}
	for _, field := range []string{"on", "note", "opportunity", "hours", "minutes", "from", "to"} {
		if _, typed := v.Typed[field]; !typed {
			v.Typed[field] = ""
		}
	}
	return s.ownPage(org, "my_hours", "My hours", &v), nil
}

// hoursWith is the page with what is wrong.
func (s *Service) hoursWith(ctx context.Context, org account.Organization, v myHoursView, cause error) (web.View, error) {
	status := refusedStatus(cause)
	if status == 0 {
		return web.View{}, cause
	}
	if v.Errors = web.FieldErrors(cause); v.Errors == nil {
		v.Problem = fault.MessageOf(cause)
	}
	for _, field := range []string{"opportunity", "on", "minutes", "note", "from", "to"} {
		if message, wrong := v.Errors[field]; wrong {
			v.Summary = append(v.Summary, mistake{field, message})
		}
	}
	page, err := s.hoursPage(ctx, org, v, HoursFilter{Limit: hoursPerPage})
	page.Status = status
	return page, err
}

func (s *Service) postHours(ctx context.Context, r web.Request) (web.View, error) {
	org, away, err := s.volunteersOwn(ctx, r)
	if err != nil || away != nil {
		return orView(away), err
	}
	in, err := hoursIn(r)
	if err == nil {
		_, err = s.LogHoursSelf(ctx, in)
	}
	if errors.Is(err, volunteer.ErrOpportunity) {
		err = errHoursFor
	}
	if err == nil {
		return web.View{Redirect: myShiftsPath(org) + "/hours?done=hours"}, nil
	}
	v := myHoursView{Typed: map[string]string{}}
	for _, field := range []string{"opportunity", "on", "hours", "minutes", "note"} {
		v.Typed[field] = clipBlock(strings.ToValidUTF8(r.Form(field), ""))
	}
	return s.hoursWith(ctx, org, v, err)
}

var (
	errHoursFor   = fault.Invalid("opportunity", "hours.opportunity_missing", "Choose what you helped with.")
	errHoursTyped = fault.Invalid("minutes", "hours.unreadable", "Write hours and minutes as whole numbers.")
)

// hoursIn reads the form; everything that cannot be read is said at once.
func hoursIn(r web.Request) (HoursInput, error) {
	in := HoursInput{Note: r.Form("note")}
	var errFor, errOn error
	if in.OpportunityID, errFor = id.Parse[volunteer.Opportunity](r.Form("opportunity")); errFor != nil {
		errFor = errHoursFor
	}
	if in.On, errOn = dateIn("on", r.Form("on")); errOn == nil && in.On.IsZero() {
		errOn = fault.Invalid("on", "hours.on_missing", "Say on which day.")
	}
	hours, errHours := wholeIn(r.Form("hours"))
	minutes, errMinutes := wholeIn(r.Form("minutes"))
	in.Minutes = hours*60 + minutes
	var errTime error
	if errHours != nil || errMinutes != nil {
		errTime = errHoursTyped
	}
	return in, fault.Join(errFor, errOn, errTime)
}

// wholeIn reads a whole number of at most a day's minutes; nothing typed is none.
func wholeIn(typed string) (int, error) {
	if typed = strings.TrimSpace(typed); typed == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(typed)
	if err != nil || n < 0 || n > int(24*time.Hour/time.Minute) {
		return 0, strconv.ErrRange
	}
	return n, nil
}
