"""Projects: pictures in classes, as folders that a person can read and edit. ``studio.room(Projects)`` has them all."""
