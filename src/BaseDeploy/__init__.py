"""BaseDeploy: runs an exported model by calling the module itself."""
