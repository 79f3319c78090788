import AWS
import Testing

@Suite struct AWSCredentialsTests {
    @Test func secretsAreNotPrinted() {
        let credentials = AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "SECRET", sessionToken: "SECRET")
        #expect("\(credentials) \([credentials])" == "credentials AKIDEXAMPLE [credentials AKIDEXAMPLE]")
    }
}
