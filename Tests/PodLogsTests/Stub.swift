enum PodLogsTestsStub {}
