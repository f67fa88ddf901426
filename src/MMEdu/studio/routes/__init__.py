"""The JSON API, a file a part. Each has ``ROUTES``; ``MMEdu.studio.app`` finds them."""
