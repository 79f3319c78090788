enum ReportsTestsStub {}
