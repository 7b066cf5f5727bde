package volunteering

import "tributary/app/platform/web"

// Pages registers what volunteers open, a line per group. Everything works without scripts.
func (s *Service) Pages(p *web.Pages) {
	s.findingPages(p)
	s.mailedPages(p)
	s.interestPages(p)
	s.minePages(p)
	s.feedPages(p)
}
