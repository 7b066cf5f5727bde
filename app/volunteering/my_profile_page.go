package volunteering

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// myProfileView is what somebody says of themselves as a volunteer.
type myProfileView struct {
	Org     web.OrganizationView
	Version int
	abilitiesView
	Reminders  bool
	CanBeAsked bool
	Born       day.Day // zero: not said yet
	Typed      map[string]string
	Errors     map[string]string
	Summary    []mistake
	Problem    string
	Saved      string // profile, credential
	Held       []heldView
	Kinds      []volunteer.CredentialKind
	Today      day.Day
	List, Path string
	Claim      string
}

// heldView is a credential as its owner sees it.
type heldView struct {
	Name     string
	Standing volunteer.Proof
	Until    day.Day
}

func (s *Service) myProfilePage(ctx context.Context, r web.Request) (web.View, error) {
	org, away, err := s.volunteersOwn(ctx, r)
	if err != nil || away != nil {
		return orView(away), err
	}
	v := myProfileView{}
	if done := r.Query("done"); done == "profile" || done == "credential" {
		v.Saved = done
	}
	return s.profilePage(ctx, org, v, nil)
}

// profilePage shows the profile as it is, or with what was typed, when that could not be saved.
func (s *Service) profilePage(ctx context.Context, org account.Organization, v myProfileView, typed *volunteer.ProfilePatch) (web.View, error) {
	me, err := s.SelfVolunteer(ctx)
	if err != nil {
		return web.View{}, err
	}
	if v.Kinds, _, err = s.CredentialKinds(ctx, KindFilter{Limit: mostKinds}); err != nil {
		return web.View{}, err
	}
	wanted, err := s.WantedSkills(ctx, org)
	if err != nil {
		return web.View{}, err
	}
	p := me.Profile
	if typed != nil {
		p.Skills, p.Interests, p.Availability = *typed.Skills, *typed.Interests, *typed.Availability
		p.Reminders, p.CanBeAsked = *typed.Reminders, *typed.CanBeAsked
	}
	v.abilitiesView = abilities{p.Skills, p.Interests, p.Availability}.view(wanted)
	v.Reminders, v.CanBeAsked = p.Reminders, p.CanBeAsked
	v.Born, v.Version = bornOn(me.Profile), me.Profile.Version
	v.Org, v.List, v.Path, v.Claim = web.ViewOrganization(org), myShiftsPath(org), myShiftsPath(org)+"/profile", myShiftsPath(org)+"/credentials"
	v.Today = day.In(s.now(), org.Location())
	for _, h := range me.Credentials {
		v.Held = append(v.Held, heldView{h.KindName, h.Standing, h.ExpiresOn})
	}
	if v.Errors == nil {
		v.Errors = map[string]string{}
	}
	if v.Typed == nil {
		v.Typed = map[string]string{}
	}
	for _, field := range []string{"birth_date", "kind", "issued_on", "expires_on", "note"} {
		if _, known := v.Typed[field]; !known {
			v.Typed[field] = ""
		}
	}
	return s.ownPage(org, "my_profile", "About me", &v), nil
}

// errKindMissing asks for a choice that a form without scripts cannot force.
var errKindMissing = fault.Invalid("kind_id", "credential.kind_missing", "Choose what you have.")

const mostKinds = 200

func (s *Service) postProfile(ctx context.Context, r web.Request) (web.View, error) {
	org, away, err := s.volunteersOwn(ctx, r)
	if err != nil || away != nil {
		return orView(away), err
	}
	patch := profileIn(r)
	born, cause := dateIn("birth_date", r.Form("birth_date"))
	if !born.IsZero() {
		patch.BirthDate = &born
	}
	version, err := strconv.Atoi(r.Form("version"))
	if err != nil || version < 0 {
		cause = volunteer.ErrChanged
	}
	if cause == nil {
		_, cause = s.PatchSelf(ctx, version, patch)
	}
	if cause == nil {
		return web.View{Redirect: myShiftsPath(org) + "/profile?done=profile"}, nil
	}
	v := myProfileView{Typed: map[string]string{"birth_date": clip(r.Form("birth_date"))}}
	return s.profileWith(ctx, org, v, &patch, cause)
}

// profileIn reads the form. What is not ticked is not so.
func profileIn(r web.Request) volunteer.ProfilePatch {
	a := abilitiesIn(r)
	reminders, asked := r.Form("reminders") != "", r.Form("can_be_asked") != ""
	return volunteer.ProfilePatch{Skills: &a.skills, Interests: &a.interests, Availability: &a.free, Reminders: &reminders, CanBeAsked: &asked}
}

func (s *Service) profileWith(ctx context.Context, org account.Organization, v myProfileView, typed *volunteer.ProfilePatch, cause error) (web.View, error) {
	status := refusedStatus(cause)
	if status == 0 {
		return web.View{}, cause
	}
	if v.Errors = web.FieldErrors(cause); v.Errors == nil {
		v.Problem = fault.MessageOf(cause)
	}
	for _, field := range []string{"skills", "interests", "birth_date", "kind_id", "issued_on", "expires_on", "note"} {
		if message, wrong := v.Errors[field]; wrong {
			v.Summary = append(v.Summary, mistake{field, message})
		}
	}
	page, err := s.profilePage(ctx, org, v, typed)
	page.Status = status
	return page, err
}

// postCredential takes in what somebody says they have to show. It counts once staff have seen it.
func (s *Service) postCredential(ctx context.Context, r web.Request) (web.View, error) {
	org, away, err := s.volunteersOwn(ctx, r)
	if err != nil || away != nil {
		return orView(away), err
	}
	kind, err := id.Parse[volunteer.CredentialKind](r.Form("kind"))
	var cause error
	if err != nil {
		cause = ErrKind
	}
	issued, errIssued := dateIn("issued_on", r.Form("issued_on"))
	expires, errExpires := dateIn("expires_on", r.Form("expires_on"))
	for _, problem := range []error{errIssued, errExpires} {
		if cause == nil {
			cause = problem
		}
	}
	if cause == nil {
		_, cause = s.ClaimCredential(ctx, kind, volunteer.CredentialDetails{IssuedOn: issued, ExpiresOn: expires, Note: r.Form("note")})
	}
	if cause == nil {
		return web.View{Redirect: myShiftsPath(org) + "/profile?done=credential#credentials"}, nil
	}
	if errors.Is(cause, ErrKind) {
		cause = errKindMissing
	}
	v := myProfileView{Typed: map[string]string{}}
	for _, field := range []string{"kind", "issued_on", "expires_on", "note"} {
		v.Typed[field] = clip(strings.ToValidUTF8(r.Form(field), ""))
	}
	return s.profileWith(ctx, org, v, nil, cause)
}
