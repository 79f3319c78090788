enum IntegrationTestsStub {}
