// Checks Comity's HPKE (X-Wing, SHAKE256, AES-256-GCM) with Go's own implementation.
//
// Reads one JSON request per line and writes one JSON reply per line. `act` is `public` (seed to
// public key), `seal`, `open`, or `mldsa` (verify an ML-DSA-44 signature under a context).
package main

import (
	"bufio"
	"crypto/hpke"
	"crypto/mldsa"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
)

type request struct {
	Act, Seed, Public, Info, Data, Signature, Context string
}

type reply struct {
	Result string `json:"result"`
	Error  string `json:"error"`
}

func bytesOf(text string) []byte {
	data, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return data
}

func public(r request) ([]byte, error) {
	key, err := hpke.MLKEM768X25519().NewPrivateKey(bytesOf(r.Seed))
	if err != nil {
		return nil, err
	}
	return key.PublicKey().Bytes(), nil
}

func seal(r request) ([]byte, error) {
	key, err := hpke.MLKEM768X25519().NewPublicKey(bytesOf(r.Public))
	if err != nil {
		return nil, err
	}
	return hpke.Seal(key, hpke.SHAKE256(), hpke.AES256GCM(), bytesOf(r.Info), bytesOf(r.Data))
}

func open(r request) ([]byte, error) {
	key, err := hpke.MLKEM768X25519().NewPrivateKey(bytesOf(r.Seed))
	if err != nil {
		return nil, err
	}
	return hpke.Open(key, hpke.SHAKE256(), hpke.AES256GCM(), bytesOf(r.Info), bytesOf(r.Data))
}

func verify(r request) ([]byte, error) {
	key, err := mldsa.NewPublicKey(mldsa.MLDSA44(), bytesOf(r.Public))
	if err != nil {
		return nil, err
	}
	options := &mldsa.Options{Context: string(bytesOf(r.Context))}
	return nil, mldsa.Verify(key, bytesOf(r.Data), bytesOf(r.Signature), options)
}

func main() {
	acts := map[string]func(request) ([]byte, error){
		"public": public, "seal": seal, "open": open, "mldsa": verify,
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 8<<20)
	for lines.Scan() {
		var asked request
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		var said reply
		result, err := acts[asked.Act](asked)
		if err != nil {
			said.Error = err.Error()
		}
		said.Result = hex.EncodeToString(result)
		line, _ := json.Marshal(said)
		fmt.Println(string(line))
	}
}
