import Testing

@testable import AWS

@Suite struct AWSCredentialsTests {
    @Test func secretsAreNotPrinted() {
        let credentials = AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "hidden", sessionToken: "too")
        #expect("\(credentials)" == "credentials AKIDEXAMPLE")
        #expect(!String(reflecting: credentials).contains("hidden"))
    }
}
