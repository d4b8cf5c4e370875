using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Messages;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests.Covenants;

/// <summary>The signers' own yes, which a reserve may ask for.</summary>
public sealed class CertificateTests
{
    private static readonly ReserveRecord _strict = JobSpecification.Reserve with { NeedsCertificate = true };
    private static readonly Bytes64 _signature = Covenant.SignatureOf("anybody", default);

    [Theory]
    [InlineData(JobSpecification.Height, null)]
    [InlineData(JobSpecification.Height - 1, "job_certificate_expired")]
    public void A_certificate_is_good_up_to_its_block(uint endBlock, string? code)
    {
        JobSpecification job = JobSpecification.On().Knowing(_strict).WhenSubmitted(Certified(endBlock));
        _ = code is null ? job.Then<JobEvent.Accepted>() : job.ThenRefused(code);
    }

    [Fact]
    public void A_certificate_that_ends_while_the_group_signs_ends_the_job_and_the_signature_is_not_told()
    {
        JobSpecification job = JobSpecification.On().Knowing(_strict).WhenSubmitted(Certified(JobSpecification.Height));
        job.Knowing(new Reading<uint>.Available(JobSpecification.Height + 1)).WhenSigned(_signature).Then<JobEvent.Failed>();
    }

    [Fact]
    public void C6_Without_a_height_no_certificate_is_good()
    {
        JobSpecification job = JobSpecification.On().Knowing(_strict);
        job.Knowing(new Reading<uint>.Unknown()).WhenSubmitted(Certified(uint.MaxValue)).ThenRefused("height_unknown");
        job.Knowing(new Reading<uint>.Unavailable("registry_stale", DateTimeOffset.UnixEpoch)).WhenSubmitted(Certified(uint.MaxValue))
            .ThenRefused("registry_unavailable");
    }

    [Fact]
    public void A_certificate_for_another_transaction_or_another_block_is_refused()
    {
        SignerCertificate other = Certified(JobSpecification.Height, paidSat: 900_001).Certificate!;
        JobSpecification.On().Knowing(_strict).WhenSubmitted(Covenant.Request() with { Certificate = other }).ThenRefused("job_certificate_invalid");
        JobRequest moved = Certified(JobSpecification.Height);
        moved = moved with { Certificate = moved.Certificate! with { EndBlock = JobSpecification.Height + 1 } };
        JobSpecification.On().Knowing(_strict).WhenSubmitted(moved).ThenRefused("job_certificate_invalid");
    }

    /// <summary>With a certificate that the group signs as it signs any proof.</summary>
    private static JobRequest Certified(uint endBlock, long paidSat = 900_000)
    {
        JobRequest request = Covenant.Request(paidSat: paidSat);
        Txid txid = Covenant.Spend(request.Terms.Kind, request.Payment).Plan.Unsigned.Txid;
        string text = SignerCertificate.TextOf(Covenant.Party.Id, txid, endBlock);
        Assert.True(
            ProofRequest.TryCreate(Covenant.Party.Group.GroupKey.XOnly, DerivationPath.Root, text, out ProofRequest? proof, out BitcoinRefusal? refusal),
            refusal?.ToString());
        SigningRequest signing = new(Covenant.Party.Id, proof.Sighash, TweakList.Of(proof.Steps), new PolicyArtefact.MessageProof(text, DerivationPath.Root));
        return request with { Certificate = new SignerCertificate(endBlock, proof.Complete(Covenant.Party.With(signing).Signature().Single).Simple) };
    }
}
