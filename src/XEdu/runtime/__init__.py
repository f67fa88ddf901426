"""XEdu.runtime: opens models of any format."""
