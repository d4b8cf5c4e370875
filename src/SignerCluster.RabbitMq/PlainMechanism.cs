using System.Security.Cryptography;
using System.Text;
using RabbitMQ.Client;

namespace SignerCluster.RabbitMq;

/// <summary>The mechanism PLAIN without the client's own, which wants the password as a string that nobody can wipe.</summary>
internal sealed class PlainMechanism(string user, BrokerPassword password) : IAuthMechanismFactory, IAuthMechanism, IDisposable
{
    private byte[] _response = [];

    public string Name => "PLAIN";

    public IAuthMechanism GetInstance() => this;

    public Task<byte[]> HandleChallengeAsync(byte[]? challenge, ConnectionConfig config, CancellationToken cancellationToken = default)
    {
        Dispose();
        _response = password.ToPlainResponse(Encoding.UTF8.GetBytes(user));
        return Task.FromResult(_response);
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_response);
}
