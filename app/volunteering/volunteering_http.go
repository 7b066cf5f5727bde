package volunteering

import "tributary/app/platform/web"

// Routes registers what programs and the staff app may ask, a line per group.
func (s *Service) Routes(api *web.API) {
	s.opportunityRoutes(api)
	s.shiftRoutes(api)
	s.volunteerRoutes(api)
	s.credentialRoutes(api)
	s.coverRoutes(api)
	s.signUpRoutes(api)
	s.doorRoutes(api)
	s.hoursRoutes(api)
	s.helpRoutes(api)
}
