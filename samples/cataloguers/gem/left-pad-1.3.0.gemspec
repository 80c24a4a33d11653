# -*- encoding: utf-8 -*-
# stub: left-pad 1.3.0 ruby lib

Gem::Specification.new do |s|
  s.name = "left-pad".freeze
  s.version = "1.3.0"

  s.required_rubygems_version = Gem::Requirement.new(">= 0".freeze) if s.respond_to? :required_rubygems_version=
  s.metadata = { "homepage_uri" => "https://example.org" } if s.respond_to? :metadata=
  s.require_paths = ["lib".freeze]
  s.authors = ["Jane \"J\" Example".freeze, "John Example".freeze]
  s.date = "2026-01-01"
  s.description = "Pads on the left.".freeze
  s.licenses = ["Ruby".freeze, "BSD-2-Clause".freeze]
  s.rubygems_version = "3.3.7".freeze

  if s.respond_to? :specification_version then
    s.specification_version = 4
  end

  if s.respond_to? :add_runtime_dependency then
    s.add_runtime_dependency(%q<irb>.freeze, [">= 1.3.6"])
  end
end
