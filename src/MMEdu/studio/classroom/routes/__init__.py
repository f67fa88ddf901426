"""The JSON API of ``mmedu class``, a file a part. Each has ``ROUTES``; ``MMEdu.studio.classroom.app`` lists them."""
